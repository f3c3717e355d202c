// Keeps the page up to date, and sends the controls.
"use strict";

const EVERY = 1000;
const state = document.querySelector("#state");
const pause = document.querySelector("#pause");
const reveal = document.querySelector("#reveal");
const log = document.querySelector("#log");
let paused = false;

document.documentElement.classList.add("with-scripts");

// Said once, not each second.
const say = (text) => {
  if (state.textContent !== text) state.textContent = text;
};

// Takes over what differs and leaves the rest alone, so that what is selected or scrolled to stays so.
const takeOver = (fresh) => {
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (other && !part.isEqualNode(other)) part.replaceChildren(...other.childNodes);
  }
  const rows = [...fresh.querySelectorAll("#log tr")];
  const wanted = new Set(rows.map((row) => row.id));
  for (const row of [...log.children]) if (!wanted.has(row.id)) row.remove();
  let place = log.firstElementChild;
  for (const row of rows) {
    if (place && place.id === row.id) {
      const next = place.nextElementSibling;
      if (!place.isEqualNode(row)) place.replaceWith(row);
      place = next;
    } else {
      log.insertBefore(row, place);
    }
  }
};

const refresh = async () => {
  try {
    const answer = await fetch("/", { headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    takeOver(new DOMParser().parseFromString(await answer.text(), "text/html"));
    say(paused ? "Paused." : "");
  } catch {
    say("The emulator does not answer; what is shown is from before.");
  }
};

const tick = async () => {
  if (!paused && !document.hidden) await refresh();
  setTimeout(tick, EVERY);
};

// What a control answers is a flat object.
const words = (answer) => Object.entries(answer).map(([name, value]) => `${name.replaceAll("_", " ")}: ${value}`).join(", ");

const send = async (form, button) => {
  const output = form.querySelector("output");
  const parameters = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") parameters.set(name, value);
  if (button && button.name) parameters.set(button.name, button.value);
  const body = form.querySelector("[data-body]")?.value || undefined;
  const query = parameters.size ? `?${parameters}` : "";
  output.textContent = "";
  try {
    const answer = await fetch(form.getAttribute("action") + query, { method: "POST", body });
    const said = await answer.json();
    output.className = answer.ok ? "" : "bad";
    output.textContent = answer.ok ? `Done (${words(said)})` : said.error;
  } catch {
    output.className = "bad";
    output.textContent = "The emulator does not answer.";
  }
  await refresh();
};

const show = async (shown) => {
  const values = shown ? await (await fetch("/__page/credentials")).json() : [];
  for (const place of document.querySelectorAll("[data-secret]")) {
    place.textContent = shown ? values[Number(place.dataset.secret)] : "••••••••";
  }
  reveal.setAttribute("aria-pressed", String(shown));
};

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-control]");
  if (!form) return;
  event.preventDefault();
  send(form, event.submitter);
});
pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  refresh();
});
reveal.addEventListener("click", () => show(reveal.getAttribute("aria-pressed") !== "true").catch(() => say("The emulator does not answer.")));
tick();
