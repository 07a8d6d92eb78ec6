// Keeps the page of a request up to date while it is open; without this file the page reloads now and then.

const standing = document.getElementById("standing");
const announcement = document.getElementById("announcement");
const again = 15000; // milliseconds before another try, when the counter had no room

const sentence = () => standing.querySelector("[data-sentence]")?.textContent ?? "";

function follow() {
  const source = new EventSource(standing.dataset.events);
  source.addEventListener("open", () => (document.getElementById("live").hidden = false));
  source.addEventListener("standing", (event) => {
    const before = sentence();
    standing.innerHTML = event.data; // made and escaped by the same templates as the page itself
    if (sentence() !== before) announcement.textContent = sentence();
  });
  source.addEventListener("end", () => {
    source.close();
    document.getElementById("live").hidden = true;
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, again);
  });
}

follow();
