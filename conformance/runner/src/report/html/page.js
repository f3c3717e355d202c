
(() => {
  "use strict";
  const find = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const data = JSON.parse(find("#data").textContent);
  const text = (index) => (index === null ? null : data.texts[index]);
  const page = find("#page"), panel = find("#panel"), grid = find("#grid"), form = find("#filters");
  const narrow = matchMedia("(max-width: 68.7rem)");
  const words = { pass: "pass", fail: "fail", warn: "warning", info: "information", unjudged: "not judged", na: "not applicable" };
  const marks = { pass: "✓", fail: "✕", warn: "!", info: "i", unjudged: "?", na: "–" };

  /* Elements are made of text only; no markup comes out of the data. */
  const el = (tag, props, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(props || {})) {
      if (name === "on") element.addEventListener("click", value);
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
    return element;
  };
  const plural = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  const mark = (state) => el("b", { class: `mark ${state}`, role: "img", "aria-label": words[state] }, marks[state]);
  const secrets = (string) => string.split(/(\[[a-z][a-z0-9-]*\])/).map((piece, at) => (at % 2 ? el("span", { class: "secret" }, piece) : piece));
  const rich = (string) => {
    const pieces = string.split("`");
    return pieces.length % 2 ? pieces.map((piece, at) => (at % 2 ? el("code", {}, secrets(piece)) : secrets(piece))) : secrets(string);
  };

  /* The rows of the grid. */
  const rows = new Map();
  const entries = new Map(data.cases.map((entry) => [entry.id, entry]));
  for (const row of all("tr[id]", grid)) {
    const entry = entries.get(row.id), state = row.className;
    entry.state = state;
    entry.title = find(".title", row).textContent;
    const group = row.parentElement;
    const cites = entry.cite.map((id) => `${id} ${(data.citations[id] || [])[2] || ""}`).join(" ");
    rows.set(row.id, { row, entry, group, hay: `${row.id} ${entry.title} ${find(".mono", group).textContent} ${entry.level} ${entry.evidence} ${cites}`.toLowerCase() });
    [...row.children].forEach((cell, column) => {
      cell.tabIndex = -1;
      if (column === 0) {
        cell.setAttribute("role", "rowheader");
        find("a", cell).tabIndex = -1;
        return;
      }
      cell.setAttribute("role", "gridcell");
      const checks = entry.checks.filter((check) => check[1] === column - 1), failed = checks.filter((check) => !check[2]).length;
      const hidden = entry.hidden.filter((check) => check[1] === column - 1).length;
      const made = checks.length === 0 ? "no check" : `${plural(checks.length, "check")}, ${failed ? `${failed} failed` : "all pass"}`;
      const said = hidden ? `${made}, ${hidden} not in the recording` : made;
      cell.title = `${data.parts[column - 1][0]}: ${said}`;
      cell.setAttribute("aria-label", cell.title);
    });
  }
  grid.setAttribute("role", "grid");
  for (const part of all("thead, tbody", grid)) part.setAttribute("role", "rowgroup");
  for (const row of all("tr", grid)) row.setAttribute("role", "row");
  for (const head of all("thead th", grid)) head.setAttribute("role", "columnheader");
  for (const head of all("th[scope=rowgroup]", grid)) head.setAttribute("role", "rowheader");

  /* Roving focus: one cell of the grid is in the tab order. */
  let tabbable = null;
  const rove = (cell) => {
    if (tabbable) tabbable.tabIndex = -1;
    tabbable = cell;
    if (cell) cell.tabIndex = 0;
  };
  const visible = () => [...rows.values()].filter((one) => !one.row.hidden).map((one) => one.row);
  const reveal = (row) => {
    const head = find("thead tr", grid).getBoundingClientRect(), box = row.getBoundingClientRect();
    if (box.bottom > innerHeight) scrollBy({ top: box.bottom - innerHeight + 8, behavior: "instant" });
    else if (box.top < head.height) scrollBy({ top: box.top - head.height - 8, behavior: "instant" });
  };
  const go = (cell) => {
    rove(cell);
    cell.focus({ preventScroll: true });
    reveal(cell.closest("tr"));
  };
  /* The page takes another width when the panel opens or closes; the row stays where it was seen. */
  const steady = (row, change) => {
    const before = row.getBoundingClientRect().top;
    change();
    scrollBy({ top: row.getBoundingClientRect().top - before, behavior: "instant" });
  };
  grid.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td, th"), row = cell && cell.closest("tr[id]");
    if (!row || event.altKey || event.metaKey) return;
    const list = visible(), at = list.indexOf(row), column = [...row.children].indexOf(cell), last = row.children.length - 1;
    const to = (line, next) => go(list[Math.max(0, Math.min(list.length - 1, line))].children[Math.max(0, Math.min(last, next))]);
    const moves = {
      ArrowUp: () => to(at - 1, column), ArrowDown: () => to(at + 1, column),
      ArrowLeft: () => to(at, column - 1), ArrowRight: () => to(at, column + 1),
      Home: () => to(event.ctrlKey ? 0 : at, 0), End: () => to(event.ctrlKey ? list.length - 1 : at, last),
      PageUp: () => to(at - 10, column), PageDown: () => to(at + 10, column),
    };
    if (moves[event.key]) {
      event.preventDefault();
      moves[event.key]();
      if (shown) show(...place(tabbable), false);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      rove(cell);
      show(...place(cell), true);
    }
  });
  /* Whether a case has checks on a part, be they made or hidden. */
  const has = (entry, part) => entry.checks.some((check) => check[1] === part) || entry.hidden.some((check) => check[1] === part);
  const place = (cell) => {
    const row = cell.closest("tr"), part = [...row.children].indexOf(cell) - 1;
    const entry = entries.get(row.id);
    return [row.id, part >= 0 && has(entry, part) ? part : -1];
  };
  grid.addEventListener("click", (event) => {
    const cell = event.target.closest("td, th"), row = cell && cell.closest("tr[id]");
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    rove(cell);
    cell.focus({ preventScroll: true });
    show(...place(cell), narrow.matches);
  });

  /* The panel. */
  let shown = null;
  const show = (id, part, focus) => {
    const one = rows.get(id);
    if (shown) unmark();
    shown = { id, part };
    one.row.classList.add("on");
    if (part >= 0) one.row.children[part + 1].classList.add("now");
    panel.replaceChildren(...content(one.entry, part));
    panel.scrollTop = 0;
    steady(one.row, () => {
      panel.hidden = false;
      document.body.classList.add("open");
    });
    reveal(one.row);
    modal();
    history.replaceState(null, "", `#${id}${part >= 0 ? `/${data.parts[part][0]}` : ""}`);
    if (focus || narrow.matches) find("#panel-title").focus({ preventScroll: true });
  };
  const unmark = () => {
    const row = rows.get(shown.id).row;
    row.classList.remove("on");
    for (const cell of all(".now", row)) cell.classList.remove("now");
  };
  const close = (back) => {
    if (!shown) return;
    const one = rows.get(shown.id);
    const cell = one.row.children[shown.part + 1];
    unmark();
    shown = null;
    steady(one.row, () => {
      panel.hidden = true;
      panel.replaceChildren();
      document.body.classList.remove("open");
    });
    modal();
    history.replaceState(null, "", location.pathname + location.search);
    if (back && !one.row.hidden) go(cell);
  };
  const modal = () => {
    const on = Boolean(shown) && narrow.matches;
    page.inert = on;
    panel.setAttribute("role", on ? "dialog" : "complementary");
    if (on) panel.setAttribute("aria-modal", "true");
    else panel.removeAttribute("aria-modal");
  };
  narrow.addEventListener("change", modal);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && shown) {
      event.preventDefault();
      close(true);
    } else if (event.key === "/" && !event.ctrlKey && !event.metaKey && event.target !== find("#find") && !page.inert) {
      event.preventDefault();
      find("#find").focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (shown && narrow.matches && !panel.contains(event.target) && !grid.contains(event.target)) close(true);
  });

  const content = (entry, part) => {
    const mine = (check) => part < 0 || check[1] === part;
    const checks = entry.checks.filter(mine), names = new Set(checks.map((check) => text(check[0])));
    const bad = new Set(entry.checks.filter((check) => mine(check) && !check[2]).map((check) => text(check[0]).split(".")[0]));
    const about = new Set([...names].map((name) => name.split(".")[0]));
    const parts = data.parts.map((_, index) => index).filter((index) => has(entry, index));
    const button = (index, label) => el("button", {
      type: "button", "aria-pressed": String(index === part),
      class: index >= 0 && entry.checks.some((check) => check[1] === index && !check[2]) ? "bad" : null,
      on: () => { show(entry.id, index, false); find("[aria-pressed=true]", panel).focus(); },
    }, label);
    const needs = entry.needs.length ? `, needs ${entry.needs.join(", ")}` : "";
    const top = el("div", { class: "top" },
      el("h2", { id: "panel-title", tabindex: "-1" }, mark(entry.state), el("span", {}, entry.title)),
      el("button", { type: "button", class: "close", "aria-label": "Close", on: () => close(true) }, "✕"),
      el("p", {}, el("span", { class: "mono" }, entry.id), el("br"), `${entry.level}, ${entry.evidence}${needs}`),
      parts.length > 0 && el("div", { class: "switch", role: "group", "aria-label": "Part" }, button(-1, "all"), parts.map((index) => button(index, data.parts[index][0]))));
    const asks = part >= 0 ? el("p", { class: "hint" }, data.parts[part][1]) : null;
    const hidden = entry.hidden.filter(mine);
    return [top, entry.reason ? section(entry.state === "unjudged" ? "Not judged" : "Not applicable", el("p", {}, `${entry.reason[0].toUpperCase()}${entry.reason.slice(1)}.`)) : null,
      entry.notes.length ? section("Known before", entry.notes.map((note) => el("p", { class: "known" }, note))) : null,
      entry.seen ? section("In the recording", el("p", {}, entry.seen)) : null,
      checks.length ? verdicts(checks, entry.state, asks) : null,
      hidden.length ? section("Not in the recording", el("ul", { class: "checks" }, hidden.map(([name]) => el("li", {}, mark("unjudged"), el("span", { class: "mono" }, text(name)))))) : null,
      section("Rests on", el("ul", { class: "cites" }, entry.cite.map((id) => cite(id, false)), entry.against.map((id) => cite(id, true)))),
      entry.steps.length ? section("On the wire", entry.steps.map((step) => stage(step, about, bad, part))) : null,
      kills(entry, part < 0 ? null : names)].filter(Boolean);
  };
  const section = (title, ...children) => el("section", {}, el("h3", {}, title), children);
  const verdicts = (checks, state, asks) => {
    const list = (some) => (some.length ? el("ul", { class: "checks" }, some.map((check) => one(check, state))) : null);
    const failed = checks.filter((check) => !check[2] && !check[5]), passed = checks.filter((check) => check[2]);
    const follow = checks.filter((check) => check[5]);
    const more = follow.length ? el("details", {}, el("summary", {}, `${plural(follow.length, "more check")} failed because nothing was sent`), list(follow)) : null;
    const fold = passed.length > 8 ? el("details", {}, el("summary", {}, `${passed.length} that pass`), list(passed)) : list(passed);
    return section(`Checks: ${passed.length} of ${checks.length} pass`, asks, list(failed), more, fold);
  };
  const one = ([name, , passed, expected, seen], state) => el("li", {},
    mark(passed ? "pass" : state), el("span", { class: "mono" }, text(name)),
    passed ? [el("span"), el("p", {}, el("b", {}, rich(text(expected))), text(expected) === text(seen) ? null : [" — saw ", rich(text(seen))])]
      : el("dl", { class: `diff ${state}` }, el("div", {}, el("dd", { class: "want" }, el("span", {}, "expected"), " ", rich(text(expected))), el("dd", { class: "got" }, el("span", {}, "saw"), " ", rich(text(seen))))));
  const cite = (id, against) => {
    const [keyword, evidence, says, source, lines] = data.citations[id] || ["", "", "", "", ""];
    return el("li", { class: against ? "against" : null }, el("p", {}, against ? "Against it: " : null, el("span", { class: "kw" }, keyword), " ", rich(says)),
      el("small", {}, `${source}${lines ? `, ${lines}` : ""} · ${evidence} · `, el("a", { class: "mono", href: `#cite-${id}` }, id)));
  };
  const stage = (step, about, bad, part) => {
    const named = step.exchanges.map((exchange) => text(exchange[0]));
    const ofStep = about.has(step.name) && !named.some((name) => about.has(name));
    const openable = named.findIndex((name) => bad.size ? bad.has(name) : about.has(name));
    return el("div", { class: "step" },
      el("p", {}, el("b", {}, step.name), ": ", secrets(text(step.task)), step.after ? `, ${plural(step.after, "second")} later` : null),
      step.url === null ? null : el("pre", {}, secrets(text(step.url))),
      step.exchanges.map((exchange, at) => wire(exchange, bad.has(named[at]), part >= 0 && ofStep ? at === step.exchanges.length - 1 : at === openable || bad.has(named[at]))),
      step.exchanges.length === 0 && step.url === null ? el("p", { class: "end" }, "Nothing was sent.") : null,
      step.outcome === null ? null : el("p", { class: "end" }, "Outcome: ", el("b", {}, text(step.outcome))),
      step.leaks.map((leak) => el("p", { class: "end leak" }, "It said: ", el("code", {}, secrets(text(leak))))));
  };
  const wire = ([name, origin, method, target, headers, body, answer], bad, open) => {
    const path = text(target).split("?")[0];
    return el("details", { class: bad ? "ex bad" : "ex", open },
      el("summary", {}, el("span", { class: "line" }, el("b", {}, name === null ? "further" : text(name)), " ", el("span", { class: "mono" }, `${text(method)} ${path}`), text(origin) === "main" ? null : " (another origin)"),
        el("span", { class: "stat" }, answer ? `→ ${answer[0]}` : "→ none")),
      message(`${text(method)} ${text(target)}`, headers, body, "request"),
      answer ? [message(`${answer[0]}`, answer[1], answer[2], "answer"),
        answer[4] === null ? null : el("p", { class: "note" }, text(answer[4])),
        answer[3] === null ? null : el("p", { class: "note" }, "fixture ", el("span", { class: "mono" }, text(answer[3])))] : null);
  };
  const message = (first, headers, body, kind) => {
    const lines = headers.map(text).map((line) => {
      const at = line.indexOf(": ");
      return ["\n", el("span", { class: "hn" }, line.slice(0, at + 2)), secrets(line.slice(at + 2))];
    });
    return el("pre", { class: kind, tabindex: "0", "aria-label": kind }, el("b", {}, secrets(first)), lines, body === null ? null : ["\n\n", secrets(pretty(text(body)))]);
  };
  const pretty = (body) => {
    try {
      const value = JSON.parse(body);
      return typeof value === "object" ? JSON.stringify(value, null, 2) : body;
    } catch {
      return body;
    }
  };
  const kills = (entry, names) => {
    const mine = entry.mutants.filter((mutant) => !names || names.has(text(mutant[0])));
    if (mine.length === 0) return null;
    const dead = mine.filter((mutant) => mutant[3]).length, most = 12;
    const item = ([by, on, change, killed]) => el("li", {}, mark(killed ? "pass" : "fail"),
      el("span", {}, el("b", {}, text(on)), ": ", rich(text(change)), " ", el("span", { class: "mono" }, `${killed ? "killed by" : "not noticed by"} ${text(by)}`)));
    const list = el("ul", { class: "kill" }, mine.slice(0, most).map(item));
    const rest = mine.slice(most);
    const more = rest.length ? el("button", { type: "button", class: "more", on: () => { list.append(...rest.map(item)); more.remove(); } }, `${rest.length} more`) : null;
    return section(`Would it notice? ${dead} of ${plural(mine.length, "mutant")} killed`, list, more);
  };

  /* Filters. */
  const shownOut = find("#shown");
  const filter = () => {
    const terms = find("#find").value.toLowerCase().split(/\s+/).filter(Boolean);
    const provider = find("[name=provider]:checked").value, verdict = find("[name=verdict]:checked").value;
    let count = 0;
    const groups = new Set(), providers = new Set();
    for (const { row, entry, group, hay } of rows.values()) {
      const fits = (!provider || group.dataset.provider === provider) && (!verdict || entry.state === verdict) && terms.every((term) => hay.includes(term));
      row.hidden = !fits;
      if (fits) {
        count += 1;
        groups.add(group);
        providers.add(group.dataset.provider);
      }
    }
    for (const body of grid.tBodies) body.hidden = body.classList.contains("provider") ? !providers.has(body.dataset.provider) : !groups.has(body);
    find("#empty").hidden = count > 0;
    grid.tHead.hidden = count === 0;
    shownOut.textContent = `${count} of ${plural(rows.size, "case")}`;
    if (shown && rows.get(shown.id).row.hidden) close(false);
    if (!tabbable || tabbable.closest("tr").hidden) rove(count ? visible()[0].children[0] : null);
  };
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();

  /* Deep links: #case, #case/part, #cite-id. */
  const follow = () => {
    let hash = location.hash.slice(1);
    try {
      hash = decodeURIComponent(hash);
    } catch { /* as it stands */ }
    const [id, word] = hash.split("/");
    if (rows.has(id)) {
      const one = rows.get(id);
      if (one.row.hidden) {
        form.reset();
        filter();
      }
      const part = data.parts.findIndex(([known]) => known === word);
      const there = has(one.entry, part) ? part : -1;
      rove(one.row.children[there + 1]);
      show(id, there, false);
      one.row.scrollIntoView({ block: "center", behavior: "instant" });
    } else if (hash.startsWith("cite-")) {
      if (narrow.matches) close(false);
      const target = document.getElementById(hash);
      const fold = target && target.closest("details");
      if (fold) fold.open = true;
      if (target) {
        target.tabIndex = -1;
        target.focus({ preventScroll: true });
        target.scrollIntoView({ block: "center" });
      }
    }
  };
  addEventListener("hashchange", follow);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && link.hash === location.hash && !event.defaultPrevented) follow();
  });
  for (const piece of all("[data-cite]")) {
    const ids = piece.dataset.cite.split(" ");
    piece.title = ids.map((id) => `${id}: ${(data.citations[id] || [])[2] || ""}`).join("\n");
    piece.addEventListener("click", () => { location.hash = `cite-${ids[0]}`; });
  }
  follow();
})();
