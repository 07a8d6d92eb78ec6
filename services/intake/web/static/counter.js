// The form works without this file; with it, subjects are suggested while one types, and the map can be moved.

const form = document.querySelector("[data-form]");
const pause = 250; // milliseconds without a key before the counter is asked
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const field = (name) => form.elements.namedItem(name);
const chosen = () => form.querySelector("input[name=service]:checked")?.value ?? "";

// Asks the counter once the typing pauses; a newer question puts an end to an older one. Without an answer all stays.
function asking(box, ask) {
  let timer, going;
  const now = async () => {
    clearTimeout(timer);
    going?.abort();
    going = new AbortController();
    const answer = await ask(going.signal).catch(() => null);
    if (!answer?.ok) return;
    box.innerHTML = await answer.text(); // made and escaped by the same templates as the page itself
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(now, pause);
  };
  return { now, soon };
}

// What: the subjects that the words in the search field may mean. The one that is chosen stays.
const search = (() => {
  const box = document.querySelector("[data-suggested]");
  const from = (code) => `${box.dataset.from}&q=${encodeURIComponent(field("q")?.value ?? "")}&chosen=${encodeURIComponent(code)}`;
  let wanted = "";
  const asked = asking(box, (signal) => fetch(from(wanted || chosen()), { signal }));
  const typed = field("q");
  if (typed) {
    document.querySelector("[data-search-go]").hidden = true;
    typed.addEventListener("input", asked.soon);
    typed.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      asked.now();
    });
  }
  const show = async (code) => {
    wanted = code;
    await asked.now();
    wanted = "";
  };
  return { show };
})();

// The same for a description, as long as no subject is chosen.
function describe() {
  const box = document.querySelector("[data-described]");
  const typed = field("description");
  const from = () => `${box.dataset.from}&chosen=${encodeURIComponent(chosen())}`;
  const body = () => new TextEncoder().encode(typed.value.slice(0, 2000));
  const asked = asking(box, (signal) => fetch(from(), { method: "POST", body: body(), signal }));
  typed.addEventListener("input", () => {
    const isOpen = ["", "?"].includes(chosen()) || box.contains(form.querySelector("input[name=service]:checked"));
    if (isOpen) asked.soon();
  });
}

// How many characters somebody sees, as the server counts them.
const seen = (text) => (Intl.Segmenter ? [...new Intl.Segmenter().segment(text)] : [...text]).length;

// How much more may be written. What is pasted is counted, not cut off.
function count() {
  const typed = field("description");
  const said = form.querySelector("[data-count]");
  const most = Number(typed.dataset.most);
  said.hidden = false;
  const show = () => {
    const length = seen(typed.value);
    said.textContent = fill(length > most ? said.dataset.over : said.dataset.count, { count: length });
    said.classList.toggle("count-over", length > most);
  };
  typed.addEventListener("input", show);
  return show;
}

// The questions of the chosen service; those of the others stay hidden and are not sent.
function questions() {
  const sets = [...document.querySelectorAll("[data-questions]")];
  const show = () => {
    const code = chosen();
    for (const set of sets) set.hidden = set.disabled = set.dataset.questions !== code;
  };
  form.addEventListener("change", (event) => event.target.name === "service" && show());
  return show;
}

// Going back to a form that was sent: everything is as it was, and its key too, so that sending again is the same request.
function remember() {
  form.addEventListener("submit", () => history.replaceState({ sent: [...new FormData(form)] }, ""));
}

function restore(sent) {
  for (const set of form.querySelectorAll("[data-questions]")) set.disabled = false;
  for (const [name, value] of sent) {
    const found = field(name);
    for (const one of found instanceof RadioNodeList ? found : found ? [found] : []) {
      if (["radio", "checkbox"].includes(one.type)) one.checked ||= one.value === value;
      else if (name !== "asked") one.value = value;
    }
  }
}

// A subject may be chosen and not be seen: in a list that is closed, or suggested before and not on the page any more.
async function showChosen(code) {
  const radio = form.querySelector("input[name=service]:checked");
  if (code && !radio?.checkVisibility()) await search.show(code);
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
  if (!box) return () => {};
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
  return draw;
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

describe();
remember();
locate();
const shows = [count(), questions(), map()];
// Browsers fill fields in again after this file has run, and bring whole pages back.
addEventListener("pageshow", async (event) => {
  const sent = event.persisted ? null : history.state?.sent;
  if (sent) restore(sent);
  await showChosen(new Map(sent ?? []).get("service") ?? chosen());
  for (const show of shows) show();
});
