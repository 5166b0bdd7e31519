// Calls in progress, pushed by the service (server-sent events). All text goes in as text, never as markup.
"use strict";

const RECONNECT_MS = 1000;
const SLOW_MS = 1200;
const LOSSY_PERCENT = 2;

/** An element with text and class. */
function made(tag, text = "", className = "") {
  const element = document.createElement(tag);
  element.textContent = text ?? "";
  if (className) element.className = className;
  return element;
}

/** m:ss since a Unix time. */
function since(at) {
  const seconds = Math.max(0, Math.round(Date.now() / 1000 - at));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Hands each message to `take`; comes back by itself, with all there is, when the service was away. */
function listen(url, take) {
  const away = document.getElementById("away");
  const source = new EventSource(url);
  source.onopen = () => { away.hidden = true; };
  source.onmessage = (event) => { if (take(JSON.parse(event.data)) === "over") source.close(); };
  source.onerror = () => {
    away.hidden = false;
    if (source.readyState === EventSource.CLOSED) setTimeout(() => { source.close(); listen(url, take); }, RECONNECT_MS);
  };
}

function lineText(line) {
  return line ? `${line.loss_percent}% lost, ${line.jitter_ms} ms jitter` : "–";
}

function latencyCell(ms, tag = "td") {
  return made(tag, ms == null ? "–" : `${Math.round(ms)} ms`, ms > SLOW_MS ? "number slow" : "number");
}

function setUpList(table) {
  const rows = new Map();
  const body = table.tBodies[0];

  function fill(row, call) {
    const state = made("td");
    state.append(made("span", call.state, `badge ${call.state.replace(" ", "_")}`));
    const from = made("td");
    const link = made("a", call.caller || "unknown");
    link.href = `/live/${encodeURIComponent(call.id)}`;
    from.append(link);
    const words = made("td", "", "words");
    if (call.words) words.append(made("b", call.who, call.who), made("span", call.words));
    const bad = call.line && call.line.loss_percent >= LOSSY_PERCENT;
    const lasts = made("td", since(call.began_at), "number lasts");
    lasts.dataset.at = call.began_at;
    const version = call.version ? ` v${call.version}` : "";
    row.replaceChildren(state, from, made("td", call.callee), made("td", call.dialplan + version), made("td", call.task),
      words, latencyCell(call.latency_ms), made("td", lineText(call.line), bad ? "nowrap slow" : "nowrap dim"), lasts);
  }

  function count() {
    const number = rows.size;
    document.getElementById("count").textContent = number === 1 ? "1 call" : `${number} calls`;
    document.getElementById("none").hidden = number > 0;
    table.hidden = number === 0;
  }

  listen("/live/events", (told) => {
    if (told.all) { rows.clear(); body.replaceChildren(); }
    for (const id of told.gone) { rows.get(id)?.remove(); rows.delete(id); }
    for (const call of told.calls) {
      let row = rows.get(call.id);
      if (!row) { row = made("tr"); row.dataset.call = call.id; rows.set(call.id, row); body.append(row); }
      fill(row, call);
    }
    count();
  });
}

function fact(name, value) {
  const row = made("tr");
  const head = made("th", name);
  head.scope = "row";
  row.append(head, value instanceof Element ? value : made("td", value));
  return row;
}

function turnItem(turn) {
  const item = made("li");
  if (turn.caller) item.append(made("p", turn.caller, "caller"));
  if (turn.agent) item.append(made("p", turn.agent, "agent"));
  const notes = made("p", "", "notes");
  if (turn.no_match) notes.append(made("span", "not understood", "badge abandoned"));
  if (turn.interrupted) notes.append(made("span", "interrupted", "badge abandoned"));
  if (turn.latency_ms != null) {
    notes.append(latencyCell(turn.latency_ms, "span"));
    const bar = made("span", "", "waterfall");
    bar.title = turn.stages.map((stage) => `${stage.name} ${stage.ms} ms`).join(", ");
    for (const stage of turn.stages) {
      const part = made("i", "", stage.name);
      part.style.flexGrow = stage.ms;
      bar.append(part);
    }
    notes.append(bar);
  }
  if (notes.childElementCount) item.append(notes);
  return item;
}

function setUpCall(place) {
  const id = place.dataset.call;
  const part = (name) => document.getElementById(name);

  function show(call) {
    part("from").textContent = `${call.caller || "unknown"} → ${call.callee || ""}`;
    part("state").textContent = call.state;
    part("state").className = `badge ${call.state.replace(" ", "_")}`;
    const lasts = made("td", since(call.began_at), "lasts");
    lasts.dataset.at = call.began_at;
    part("facts").replaceChildren(fact("Lasts", lasts), fact("Dialplan", `${call.dialplan}${call.version ? ` v${call.version}` : ""}`),
      fact("Task", call.task || "–"), fact("Last reply", latencyCell(call.latency_ms)), fact("Line", `${lineText(call.line)}${call.codec ? `, ${call.codec}` : ""}`),
      ...call.transfers.map((one) => fact("Transfer", `${one.target}: ${one.reason}${one.sip_status ? `, failed with ${one.sip_status}` : ""}`)));
    part("turns").replaceChildren(...call.turns.map(turnItem));
    part("turns").lastElementChild?.scrollIntoView({block: "nearest"});
    part("slots").replaceChildren(...call.slots.map((slot) => fact(slot.name, slot.value)));
    part("tools").replaceChildren(...call.tools.map((tool) => fact(tool.tool, `${tool.status}, ${Math.round(tool.took_ms)} ms`)));
  }

  listen(`/live/${encodeURIComponent(id)}/events`, (told) => {
    if (!told.over) { show(told); return null; }
    part("state").textContent = "over";
    part("state").className = "badge";
    part("record").hidden = false;
    listening?.end();
    for (const button of place.querySelectorAll("[data-deed]")) button.disabled = true;
    for (const cell of document.querySelectorAll("[data-at]")) delete cell.dataset.at;
    return "over";
  });

  const listening = setUpListening(place, `/live/${encodeURIComponent(id)}/listen`);

  place.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-deed]");
    if (!button || (button.dataset.confirm && !confirm(button.dataset.confirm))) return;
    button.disabled = true;
    const answer = await fetch(`/live/${encodeURIComponent(id)}/${button.dataset.deed}`,
      {method: "POST", headers: {"X-CSRF-Token": document.querySelector('meta[name="csrf"]').content}});
    tell(answer.ok ? button.dataset.done : answer.status === 409 ? "This call is over." : "That did not work.");
    button.disabled = answer.ok;
  });
}

/** The button that lets this browser hear both sides; nothing is sent from here. */
function setUpListening(place, url) {
  const button = document.getElementById("listen");
  if (!button) return null;
  let peer = null;

  function end() {
    peer?.close();
    peer = null;
    button.textContent = "Listen in";
    button.setAttribute("aria-pressed", "false");
  }

  async function begin() {
    const ice = place.dataset.ice.split(" ").filter(Boolean);
    peer = new RTCPeerConnection({iceServers: ice.length ? [{urls: ice}] : []});
    window.voicegwListening = peer;
    peer.addTransceiver("audio", {direction: "recvonly"});
    peer.ontrack = (event) => { document.getElementById("sound").srcObject = new MediaStream([event.track]); };
    peer.onconnectionstatechange = () => { if (["closed", "failed"].includes(peer?.connectionState)) end(); };
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer);
    const answer = await fetch(url, {method: "POST", body: JSON.stringify({sdp: peer.localDescription.sdp}),
      headers: {"Content-Type": "application/json", "X-CSRF-Token": document.querySelector('meta[name="csrf"]').content}});
    if (!answer.ok) throw new Error(answer.status === 409 ? "This call cannot be heard just now." : "That did not work.");
    await peer.setRemoteDescription({type: "answer", sdp: (await answer.json()).sdp});
    button.textContent = "Stop listening";
    button.setAttribute("aria-pressed", "true");
  }

  button.addEventListener("click", () => {
    if (peer) end(); else begin().catch((error) => { end(); tell(error.message); });
  });
  return {end};
}

setInterval(() => {
  for (const cell of document.querySelectorAll("[data-at]")) cell.textContent = since(Number(cell.dataset.at));
}, 1000);
const list = document.getElementById("live");
if (list) setUpList(list);
const one = document.getElementById("call");
if (one) setUpCall(one);
