// What every page needs besides htmx: its CSRF token on requests, forms that send themselves, and what went wrong.
"use strict";

document.addEventListener("htmx:config:request", (event) => {
  event.detail.ctx.request.headers["X-CSRF-Token"] = document.querySelector('meta[name="csrf"]').content;
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-sends]")) event.target.form.requestSubmit();
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches("input.copy")) event.target.select();
});

/** Says something at the foot of the page, for a while. */
function tell(text) {
  const place = document.getElementById("told");
  place.textContent = text;
  setTimeout(() => { if (place.textContent === text) place.textContent = ""; }, 6000);
}

document.addEventListener("htmx:error", () => tell("The service does not answer."));

/** Waits, but not for long, until the browser knows its own addresses. */
function gathered(peer) {
  if (peer.iceGatheringState === "complete") return null;
  return Promise.race([
    new Promise((done) => { peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && done(); }),
    new Promise((done) => setTimeout(done, 1000)),
  ]);
}
