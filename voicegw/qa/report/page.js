"use strict";
// Filters, and one voice at a time.
const cards = [...document.querySelectorAll(".card")];
const search = document.getElementById("search");
const chips = [...document.querySelectorAll(".chip")];
const chosen = (kind) => chips.filter((chip) => chip.dataset[kind] && chip.getAttribute("aria-pressed") === "true")
  .map((chip) => chip.dataset[kind]);

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shows = chosen("show"), tags = chosen("tag");
  let left = 0;
  for (const card of cards) {
    const kinds = card.dataset.kinds.split(" "), own = card.dataset.tags.split(" ");
    const fits = words.every((word) => card.dataset.words.includes(word))
      && shows.every((show) => kinds.includes(show)) && (!tags.length || tags.some((tag) => own.includes(tag)));
    card.hidden = !fits;
    left += fits;
  }
  document.getElementById("nothing").hidden = left > 0;
}

search.addEventListener("input", filter);
for (const chip of chips) {
  chip.setAttribute("aria-pressed", "false");
  chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
    filter();
  });
}
for (const link of document.querySelectorAll(".news a")) {
  link.addEventListener("click", () => { document.querySelector(link.getAttribute("href")).open = true; });
}
for (const figure of document.querySelectorAll(".sound")) {
  const audio = figure.querySelector("audio"), waves = figure.querySelector("svg"), head = figure.querySelector(".head");
  const width = waves.viewBox.baseVal.width;
  const seek = (seconds) => { audio.currentTime = seconds; audio.play(); };
  audio.addEventListener("play", () => {
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
  });
  audio.addEventListener("timeupdate", () => {
    const x = (audio.currentTime / (audio.duration || 1)) * width;
    head.setAttribute("x1", x);
    head.setAttribute("x2", x);
  });
  waves.addEventListener("click", (event) => {
    const box = waves.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    if (audio.readyState) seek(share * audio.duration);
    else {
      audio.addEventListener("loadedmetadata", () => seek(share * audio.duration), { once: true });
      audio.load();
    }
  });
  for (const cell of figure.closest(".card").querySelectorAll("td[data-at]")) {
    cell.title = "Listen from here";
    cell.addEventListener("click", () => {
      const from = () => seek(Math.max(Number(cell.dataset.at) - 0.3, 0));
      if (audio.readyState) from();
      else {
        audio.addEventListener("loadedmetadata", from, { once: true });
        audio.load();
      }
    });
  }
}
