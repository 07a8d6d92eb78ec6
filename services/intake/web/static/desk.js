// The desk works without this file; with it, keys move and choose, and another subject asks the rules at once.

const form = document.querySelector("[data-assign]");
const rows = [...document.querySelectorAll("[data-row]")];
const shortcuts = document.querySelector("[data-shortcuts]");
const remembered = "desk-shortcuts"; // in this browser: "off" when somebody switched them off
const pause = 250; // milliseconds: who runs through the list of subjects with the arrow keys asks once

function isOn() {
  try {
    return localStorage.getItem(remembered) !== "off";
  } catch {
    return true; // a browser that keeps nothing
  }
}

// Single keys can be in the way of speech input, so they can be switched off (WCAG 2.1.4).
function offerShortcuts() {
  if (!shortcuts) return;
  const box = shortcuts.querySelector("[data-shortcuts-on]");
  const show = () => document.body.classList.toggle("with-keys", box.checked);
  box.checked = isOn();
  box.addEventListener("change", () => {
    show();
    try {
      localStorage.setItem(remembered, box.checked ? "on" : "off");
    } catch {
      // then until the page is left
    }
  });
  shortcuts.hidden = false;
  show();
}

function move(step) {
  const at = rows.indexOf(document.activeElement);
  const to = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
  rows[to]?.focus();
}

const actions = {
  j: () => move(1),
  k: () => move(-1),
  f: () => document.querySelector(".filters select")?.focus(),
  s: () => form?.querySelector("[data-service]").focus(),
  c: () => form?.elements.namedItem("comment").focus(),
  u: () => document.querySelector("[data-back]")?.click(),
};

function choose(digit) {
  const radio = form?.querySelector(`[data-digit="${digit}"]`);
  if (!radio) return false;
  radio.checked = true;
  radio.focus();
  return true;
}

function isTyping(target) {
  return target.matches?.("textarea, select, input:not([type=radio], [type=checkbox])");
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (!document.body.classList.contains("with-keys")) return;
  const action = /^[1-9]$/.test(event.key) ? () => choose(event.key) : actions[event.key];
  if (!action) return;
  if (action() !== false) event.preventDefault();
}

// Whom the rules name for another subject, without leaving the page.
function askAgain() {
  const look = form?.querySelector("[data-look]");
  if (!look) return;
  look.hidden = true;
  let waiting;
  const again = () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const sent = new FormData(form, look);
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(sent) });
      if (!answer.ok) return form.requestSubmit(look);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const offers = page.getElementById("offers");
      if (!offers) return form.requestSubmit(look);
      document.getElementById("offers").replaceChildren(...offers.childNodes);
      document.querySelector("h1").textContent = page.querySelector("h1").textContent;
    }, pause);
  };
  for (const field of form.querySelectorAll("[data-service], [data-asks]")) field.addEventListener("change", again);
}

// Who picks from the list of all departments means that one.
function tieTheList() {
  const list = form?.querySelector("[data-list]");
  list?.addEventListener("change", () => (form.querySelector("[data-other]").checked = list.value !== ""));
}

offerShortcuts();
askAgain();
tieTheList();
document.addEventListener("keydown", onKey);
