// The form works without this file; with it, the list is searched while one types, and the map can be moved.

const form = document.querySelector("[data-form]");
// Small letters without accents, every word after one blank; choices.py does the same.
const plain = (text) => ` ${text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim()}`;
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const field = (name) => form.elements.namedItem(name);

// What: show the subjects that hold every word typed, and never hide the one that is chosen.
function search() {
  const box = field("q");
  const found = document.querySelector("[data-found]");
  const go = document.querySelector("[data-search-go]");
  const subjects = [...document.querySelectorAll("[data-find]")];
  if (subjects.length === 0) return;
  go.hidden = true;
  const show = () => {
    const words = plain(box.value).split(" ").filter(Boolean).map((word) => ` ${word}`);
    let count = 0;
    for (const subject of subjects) {
      const fits = words.every((word) => subject.dataset.find.includes(word));
      subject.hidden = !fits && !subject.querySelector("input").checked;
      count += fits ? 1 : 0;
    }
    for (const kind of document.querySelectorAll("[data-kind]")) {
      kind.hidden = !kind.querySelector("[data-find]:not([hidden])");
    }
    found.textContent = words.length === 0 ? "" : count ? fill(found.dataset.some, { count }) : found.dataset.none;
  };
  box.addEventListener("input", show);
  box.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  show();
}

// The questions of the chosen service; those of the others stay hidden and are not sent.
function questions() {
  const sets = [...document.querySelectorAll("[data-questions]")];
  const show = () => {
    const chosen = form.querySelector("input[name=service]:checked")?.value;
    for (const set of sets) set.hidden = set.disabled = set.dataset.questions !== chosen;
  };
  form.addEventListener("change", (event) => event.target.name === "service" && show());
  show();
}

// Where: a marker that a pointer or the arrow keys move. The two coordinate fields are the truth; the map follows them.
function mark(lat, lon, accuracy = "") {
  field("lat").value = lat.toFixed(5);
  field("lon").value = lon.toFixed(5);
  field("accuracy_m").value = accuracy;
  field("lat").dispatchEvent(new Event("change", { bubbles: true }));
}

function map() {
  const box = document.querySelector("[data-map]");
  if (!box) return;
  box.hidden = false;
  const drawing = box.querySelector("[data-drawing]");
  const marker = box.querySelector("[data-marker]");
  const text = box.querySelector("[data-text]");
  const places = [...drawing.querySelectorAll("[data-name]")].reverse(); // the smallest first: an enclave before its neighbour
  const names = drawing.querySelectorAll("[data-from]");
  const number = (name) => Number(box.dataset[name]);
  const whole = drawing.viewBox.baseVal;
  const size = { width: whole.width, height: whole.height };
  let scale = 1;

  const spot = () => {
    const [lat, lon] = [field("lat").value, field("lon").value].map((value) => Number.parseFloat(value.replace(",", ".")));
    if (!Number.isFinite(lat) || !Number.isFinite(lon)) return null;
    return { lat, lon, x: (lon - number("west")) * number("perLon"), y: (number("north") - lat) * number("perLat") };
  };
  const place = (x, y) => mark(number("north") - y / number("perLat"), number("west") + x / number("perLon"));
  const draw = () => {
    const now = spot();
    marker.toggleAttribute("hidden", !now);
    for (const one of places) one.classList.remove("place-marked");
    if (!now) return;
    marker.setAttribute("transform", `translate(${now.x} ${now.y}) scale(${1.4 / scale})`);
    const point = new DOMPoint(now.x, now.y);
    const inside = places.find((one) => one.isPointInFill(point));
    inside?.classList.add("place-marked");
    const values = { lat: now.lat.toFixed(5), lon: now.lon.toFixed(5), municipality: inside?.dataset.name };
    text.textContent = fill(inside ? box.dataset.picked : box.dataset.outside, values);
  };
  const look = (wanted) => {
    const seen = drawing.viewBox.baseVal;
    const middle = spot() ?? { x: seen.x + seen.width / 2, y: seen.y + seen.height / 2 };
    scale = Math.min(64, Math.max(1, wanted));
    const [width, height] = [size.width / scale, size.height / scale];
    const within = (at, part, full) => Math.min(Math.max(at - part / 2, 0), full - part);
    const corner = [within(middle.x, width, size.width), within(middle.y, height, size.height)];
    drawing.setAttribute("viewBox", `${corner.join(" ")} ${width} ${height}`);
    drawing.style.setProperty("--scale", scale);
    for (const name of names) name.setAttribute("display", Number(name.dataset.from) > scale ? "none" : "inline");
    draw();
  };

  drawing.addEventListener("click", (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
    place(at.x, at.y);
  });
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  drawing.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    const seen = drawing.viewBox.baseVal;
    if (step) {
      const now = spot() ?? { x: seen.x + seen.width / 2, y: seen.y + seen.height / 2 };
      const length = (event.shiftKey ? 2 : 12) / scale;
      place(now.x + step[0] * length, now.y + step[1] * length);
    } else if (event.key === "+" || event.key === "-") look(event.key === "+" ? scale * 2 : scale / 2);
    else return;
    event.preventDefault();
  });
  for (const button of box.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => look(scale / Number(button.dataset.zoom)));
  }
  box.querySelector("[data-whole]").addEventListener("click", () => look(1));
  for (const name of ["lat", "lon"]) field(name).addEventListener("change", draw);
  draw();
}

// The browser's own position, only when asked for.
function locate() {
  const button = document.querySelector("[data-locate]");
  const said = document.querySelector("[data-located]");
  if (!navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    said.textContent = said.dataset.searching;
    const found = ({ coords }) => {
      said.textContent = "";
      mark(coords.latitude, coords.longitude, String(Math.round(coords.accuracy)));
    };
    const failed = () => (said.textContent = said.dataset.failed);
    navigator.geolocation.getCurrentPosition(found, failed, { enableHighAccuracy: true, timeout: 15000 });
  });
}

search();
questions();
map();
locate();
