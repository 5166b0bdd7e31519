// Draws each [data-chart]: columns of JSON by address, the named ones as lines over time (uPlot).
"use strict";

(() => {
  const columns = new Map();
  const fetched = (address) => {
    if (!columns.has(address)) columns.set(address, fetch(address).then((answer) => answer.json()));
    return columns.get(address);
  };
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const LINES = ["--accent", "--stage-decision"];

  async function draw(place) {
    const data = await fetched(place.dataset.chart);
    const names = place.dataset.series.split(",");
    if (!data.at.length) { place.textContent = "No calls in this period."; return; }
    const axis = { stroke: colour("--dim"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } };
    const chart = new uPlot({
      width: place.clientWidth,
      height: 180,
      legend: { live: false },
      cursor: { points: { size: 6 } },
      scales: { y: { range: (_, low, high) => [0, Math.max(high || 0, 1) * 1.1] } },
      axes: [axis, { ...axis, size: 54 }],
      series: [{ label: "at" }, ...names.map((name, number) => ({
        label: name, stroke: colour(LINES[number]), width: 2, points: { show: data.at.length < 40, size: 5 },
        fill: names.length === 1 ? colour("--accent-soft") : undefined,
      }))],
    }, [data.at, ...names.map((name) => data[name])], place);
    new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: 180 })).observe(place);
  }

  const all = () => document.querySelectorAll("[data-chart]").forEach((place) => { place.replaceChildren(); draw(place); });
  all();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
})();
