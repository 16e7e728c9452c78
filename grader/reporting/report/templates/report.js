"use strict";

// Everything that came from learners is put into the page as text; no text is ever taken for HTML.
const summary = document.getElementById("summary");
const page = document.getElementById("page");
const table = document.getElementById("table");
const body = table.tBodies[0];
const title = document.title;
let shown = 0;

function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "class") element.className = value;
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

async function unpacked(number) {
  const size = Number(page.dataset.group);
  const packed = document.getElementById(`g-${Math.floor((number - 1) / size)}`).textContent;
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const group = await new Response(stream).json();
  const place = (number - 1) % size;
  const own = (columns) => columns.map(([name, all]) => [name, all[place]]).filter(([, one]) => one);
  return { ...group.heads[place], stages: own(group.stages).map(([, one]) => one), code: own(group.code) };
}

function code([name, file]) {
  const element = make("code");
  let start = 0;
  for (let place = 0; place < file.parts.length; place += 2) {
    const end = start + file.parts[place];
    const text = file.text.slice(start, end);
    element.append(file.parts[place + 1] ? make("span", { class: file.parts[place + 1] }, text) : text);
    start = end;
  }
  const view = { class: "code", tabindex: "0", role: "region", "aria-label": name };
  return make("details", { open: "" }, make("summary", {}, name), make("pre", view, element));
}

const SIGNS = { passed: "✓", "not written": "–" };

function test(one) {
  const item = make("li", { class: one.outcome.replace(" ", "-") });
  const sign = SIGNS[one.outcome] || "✗";
  item.append(make("span", { class: "sign", "aria-hidden": "true" }, sign), " ");
  item.append(make("b", {}, one.task), ` ${one.label} `);
  item.append(make("span", { class: "figures" }, `${one.outcome}, ${one.points}`));
  if (one.mistake) item.append(" ", make("span", { class: "badge" }, one.mistake));
  if (one.message) item.append(make("pre", { class: "said" }, one.message));
  return item;
}

function stage(one) {
  const section = make("section", {}, make("h2", {}, one.title, " ", make("span", { class: "share" }, one.score)));
  section.append(make("ul", { class: "tests" }, ...one.tests.map(test)));
  if (one.output) {
    section.append(make("details", { open: "" }, make("summary", {}, "Printed"), make("pre", { class: "said" }, one.output)));
  }
  const uses = one.uses.length ? ` It used the learner's own ${one.uses.join(", ")}.` : "";
  section.append(make("p", { class: "figures" }, `Seed of the data: ${one.seed}.${uses}`));
  return section;
}

function picture([png, words]) {
  const section = make("section", {}, make("h2", {}, "Trained"));
  if (png) section.append(make("img", { src: `data:image/png;base64,${png}`, alt: "The same, drawn." }));
  section.append(make("ul", {}, ...words.map((one) => make("li", {}, one))));
  return section;
}

function neighbours(number) {
  const rows = [...body.rows].filter((row) => !row.hidden || row.className === "later");
  const place = rows.findIndex((row) => row.querySelector("a").hash === `#s-${number}`);
  const links = make("nav", { "aria-label": "Submissions" }, make("a", { href: "#submissions" }, "All submissions"));
  for (const [word, row] of [["Previous", place > 0 && rows[place - 1]], ["Next", place >= 0 && rows[place + 1]]]) {
    if (row) links.append(make("a", { href: row.querySelector("a").hash }, `${word}: ${row.querySelector("a").textContent}`));
  }
  return links;
}

function filled(data, number) {
  const facts = make("dl");
  for (const [name, value] of data.facts) facts.append(make("dt", {}, name), make("dd", {}, value));
  const heading = make("h1", { tabindex: "-1" }, make("bdi", {}, data.label));
  const parts = [neighbours(number), heading];
  if (data.who.length) parts.push(make("p", {}, make("bdi", {}, data.who.join(", "))));
  parts.push(make("p", { class: "sentence" }, data.score), facts);
  if (data.error) parts.push(make("p", { class: "note" }, `Rejected: ${data.error}`));
  if (data.notes.length) parts.push(make("h2", {}, "To know"), make("ul", {}, ...data.notes.map((note) => make("li", {}, note))));
  parts.push(...data.stages.map(stage));
  if (data.picture && data.picture[1].length) parts.push(picture(data.picture));
  if (data.code.length) parts.push(make("section", {}, make("h2", {}, "Code"), ...data.code.map(code)));
  if (data.no_code) parts.push(make("p", { class: "note" }, data.no_code));
  page.replaceChildren(...parts);
  page.dataset.shown = number;
  document.title = `${data.label}: ${title}`;
  heading.focus({ preventScroll: true });
}

async function open() {
  const number = Number((/^#s-(\d+)$/.exec(location.hash) || [])[1] || 0);
  const wanted = number <= body.rows.length ? number : 0;
  const before = shown;
  shown = wanted;
  if (!wanted) {
    page.hidden = true;
    summary.hidden = false;
    document.title = title;
    const link = before && body.querySelector(`a[href="#s-${before}"]`);
    if (link && location.hash === "#submissions") link.focus();
    else if (before && location.hash) document.querySelector(location.hash.replace(/[^#\w-]/g, ""))?.focus();
    return;
  }
  const data = await unpacked(wanted);
  if (shown !== wanted) return; // another one was asked for meanwhile
  summary.hidden = true;
  page.hidden = false;
  filled(data, wanted);
  window.scrollTo(0, 0);
}

function sortable(header, column) {
  const button = make("button", { type: "button" }, header.textContent);
  button.title = header.title;
  header.replaceChildren(button);
  button.addEventListener("click", () => {
    const down = header.getAttribute("aria-sort") === "ascending";
    for (const other of header.parentNode.cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    const numeric = header.className === "n";
    const collator = new Intl.Collator("en", { numeric: true });
    const keyed = [...body.rows].map((row) => {
      const text = row.cells[column].textContent;
      return [numeric ? (text === "–" ? -1 : Number(text)) : text, row];
    });
    keyed.sort(([one], [other]) => (numeric ? one - other : collator.compare(one, other)) * (down ? -1 : 1));
    body.replaceChildren(...keyed.map(([, row]) => row));
    texts = null;
    search();
  });
}

let texts = null; // of the rows, in their order
let most = Number(page.dataset.atOnce); // rows that are shown, so that a browser need not lay out thousands

function search() {
  texts ??= [...body.rows].map((row) => [row, [...row.cells].map((cell) => cell.textContent).join("\n").toLowerCase()]);
  const words = document.getElementById("wanted").value.toLowerCase().split(/\s+/).filter(Boolean);
  let number = 0;
  for (const [row, text] of texts) {
    const fits = words.every((word) => text.includes(word));
    number += fits;
    const later = fits && number > most;
    if (row.hidden !== (!fits || later)) row.hidden = !fits || later;
    if ((row.className === "later") !== later) row.className = later ? "later" : "";
  }
  document.getElementById("found").textContent = words.length ? `${number} of ${texts.length} found` : "";
  const more = document.getElementById("more");
  more.hidden = number <= most;
  more.textContent = `Show all ${number}`;
}

function copying(command) {
  const button = make("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    const text = command.querySelector("code");
    getSelection().selectAllChildren(text); // where a browser refuses the clipboard, it can be copied by hand
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = "Copied";
  });
  command.append(" ", button);
}

[...table.tHead.rows[0].cells].forEach(sortable);
document.querySelectorAll(".command").forEach(copying);
document.getElementById("search").hidden = false;
document.getElementById("wanted").addEventListener("input", search);
document.getElementById("more").addEventListener("click", () => {
  const next = body.querySelector(".later a");
  most = Infinity;
  search();
  next.focus();
});
search();
window.addEventListener("hashchange", open);
open();
