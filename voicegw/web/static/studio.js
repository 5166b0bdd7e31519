// The page of a draft: the editor asks the service, the picture follows the cursor, and the browser is a phone.
"use strict";

(() => {
  const studio = document.querySelector(".studio");
  const at = `/dialplans/${encodeURIComponent(studio.dataset.name)}`;
  const csrf = document.querySelector('meta[name="csrf"]').content;
  const by = (id) => document.getElementById(id);
  const ice = studio.dataset.ice.split(" ").filter(Boolean);
  let after = Number(studio.dataset.after);
  let dirty = false;
  let saving = Promise.resolve();

  async function post(path, body) {
    const form = body instanceof FormData ? new URLSearchParams(body) : null;
    const headers = { "X-CSRF-Token": csrf, "HX-Request": "true" };
    if (!form) headers["Content-Type"] = "application/json";
    const answer = await fetch(path, { method: "POST", headers, body: form ?? JSON.stringify(body) });
    if (!answer.ok) {
      const problem = document.createElement("div");
      problem.innerHTML = await answer.text();
      throw new Error(problem.textContent.trim().replace(/\s+/g, " ") || `error ${answer.status}`);
    }
    return answer;
  }

  // --- writing -------------------------------------------------------------------------------------------------

  const code = voicegwEditor.editor({
    place: by("editor"),
    text: by("text").value,
    nonce: document.querySelector('meta[name="csp-nonce"]').content,
    changed() { dirty = true; by("saved").textContent = "not saved"; },
    moved: follow,
    async check(text) {
      const told = await (await post(`${at}/check`, { text })).json();
      const errors = told.problems.filter((each) => each.severity === "error").length;
      by("marks").textContent = errors ? `${errors} to mend` : "no errors";
      by("marks").className = `badge ${errors ? "bad" : "good"}`;
      if (told.picture) by("picture").innerHTML = told.picture;
      if (dirty) save().then(() => errors || post(`${at}/prepare`, {})).catch((error) => tell(error.message));
      return told.problems;
    },
    async help(text, line, column) { return (await post(`${at}/help`, { text, line, column })).json(); },
  });
  window.voicegwStudio = code;

  function save() {
    saving = saving.catch(() => {}).then(async () => {
      const text = code.text();
      dirty = false;
      const told = await (await post(`${at}/draft`, { text, after })).json();
      after = told.revision;
      if (!dirty) by("saved").textContent = `draft ${after} saved`;
    });
    return saving;
  }

  // --- the picture ---------------------------------------------------------------------------------------------

  function follow(line) {
    const boxes = [...document.querySelectorAll(".picture .box")].filter((box) => Number(box.dataset.line) > 0);
    const above = boxes.filter((box) => Number(box.dataset.line) <= line);
    const here = above.sort((one, other) => Number(other.dataset.line) - Number(one.dataset.line))[0];
    for (const box of boxes) box.classList.toggle("here", box === here);
    for (const curve of document.querySelectorAll(".picture .curve")) {
      curve.classList.toggle("here", Boolean(here) && [curve.dataset.begin, curve.dataset.end].includes(here.dataset.key));
    }
  }
  by("picture").addEventListener("click", (event) => {
    const box = event.target.closest(".box");
    if (box && Number(box.dataset.line)) code.goTo(Number(box.dataset.line));
  });

  // --- diff and publish ----------------------------------------------------------------------------------------

  by("show-diff").addEventListener("click", async () => {
    by("diff").querySelector(".body").innerHTML = await (await post(`${at}/diff`, { text: code.text() })).text();
    by("diff").showModal();
  });
  by("show-publish")?.addEventListener("click", () => by("publish").showModal());
  by("publish").querySelector(".close").addEventListener("click", () => by("publish").close());
  by("publish-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const body = by("publish").querySelector(".body");
    const button = form.querySelector("button.main");
    button.disabled = true;
    body.textContent = "Checking, and running its tests…";
    try {
      await save();
      body.innerHTML = await (await post(`${at}/publish`, new FormData(form))).text();
    } catch (error) {
      body.textContent = error.message;
    }
    button.disabled = false;
  });

  // --- talking -------------------------------------------------------------------------------------------------

  let connection = null;
  let callId = null;
  const STAGES = ["last_voice", "pause_noticed", "transcript_ready", "turn_decided", "decision_made", "first_audio", "first_packet"];
  const state = (text) => { by("state").textContent = text; };

  by("talk").addEventListener("click", async () => {
    const began = performance.now();
    by("talk").disabled = true;
    by("talked").replaceChildren();
    state("Connecting…");
    try {
      const [microphone] = await Promise.all([
        navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } }),
        dirty || after === 0 ? save() : saving,
      ]);
      connection = new RTCPeerConnection({ iceServers: ice.length ? [{ urls: ice }] : [] });
      connection.ontrack = (event) => { by("agent").srcObject = event.streams[0] ?? new MediaStream([event.track]); };
      for (const track of microphone.getTracks()) connection.addTrack(track, microphone);
      connection.onconnectionstatechange = () => {
        if (connection?.connectionState === "connected") {
          studio.dataset.talkingAfterMs = Math.round(performance.now() - began);
          state("Talk.");
        } else if (connection?.connectionState === "failed") {
          over("The service cannot be reached by this browser's sound.");
        }
      };
      await connection.setLocalDescription(await connection.createOffer());
      await gathered(connection);
      const told = await (await post(`${at}/call`, { sdp: connection.localDescription.sdp })).json();
      callId = told.call_id;
      await connection.setRemoteDescription({ type: "answer", sdp: told.sdp });
      listen(callId);
      by("talk").hidden = true;
      by("hang-up").hidden = false;
    } catch (error) {
      over(error.name === "NotAllowedError" ? "The browser may not use the microphone." : error.message);
    }
  });
  by("hang-up").addEventListener("click", () => post(`/tries/${callId}/end`, {}));

  function gathered(peer) {
    if (peer.iceGatheringState === "complete") return null;
    return Promise.race([
      new Promise((done) => { peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && done(); }),
      new Promise((done) => setTimeout(done, 1000)),
    ]);
  }

  function over(text) {
    connection?.getSenders().forEach((sender) => sender.track?.stop());
    connection?.close();
    connection = null;
    by("talk").hidden = by("talk").disabled = false;
    by("hang-up").hidden = true;
    state(text);
  }

  function listen(id) {
    const events = new EventSource(`/tries/${id}/events`);
    const on = (kind, does) => events.addEventListener(kind, (event) => does(JSON.parse(event.data)));
    events.onerror = () => { if (events.readyState === EventSource.CLOSED && connection) over("Over."); };
    on("CallerHeard", (one) => one.text && add("caller", one.text)); // nothing was said in a turn of silence
    on("AgentSpeaks", (one) => add("agent", one.text));
    on("SlotFilled", (one) => add("why", `${one.slot.replaceAll("_", " ")} = ${one.value}`));
    on("ToolAnswered", (one) => add("why", `${one.tool} → ${one.status}, ${Math.round(one.took_ms)} ms`));
    on("TransferTried", (one) => add("note", `would be given to ${one.target}: ${one.reason}`));
    on("TurnTaken", timed);
    on("CallClosed", (one) => { events.close(); over(one.by === "caller" ? "You hung up." : `Over: ${one.reason || "the agent hung up"}.`); });
  }

  function add(kind, text) {
    const line = document.createElement("p");
    line.className = kind;
    line.textContent = text;
    by("talked").append(line);
    line.scrollIntoView({ block: "nearest" });
    return line;
  }

  /** What was understood of a turn, and where its time went. */
  function timed(turn) {
    if (!turn.caller_text) return;
    const reached = STAGES.map((name) => [name, turn.waterfall[name]]).filter(([, ms]) => ms !== null);
    if (reached.length < 2) return;
    const total = reached.at(-1)[1] - reached[0][1];
    const sure = turn.confidence === null ? "" : `, heard ${Math.round(turn.confidence * 100)}% sure`;
    const line = add("why", `${turn.task || turn.question || "no task"} by ${turn.decided_by}${sure} · ${Math.round(total)} ms`);
    const bar = document.createElement("span");
    bar.className = "stages";
    for (let number = 1; number < reached.length; number += 1) {
      const cost = Math.max(reached[number][1] - reached[number - 1][1], 0);
      const part = document.createElement("i");
      part.className = reached[number][0];
      part.style.flexGrow = cost;
      part.title = `${reached[number][0].replaceAll("_", " ")}: ${Math.round(cost)} ms`;
      bar.append(part);
    }
    line.append(bar);
  }
})();
