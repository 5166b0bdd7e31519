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
    check: inspect,
    async help(text, line, column) { return (await post(`${at}/help`, { text, line, column })).json(); },
  });
  window.voicegwStudio = code;
  by("editor").querySelector(".cm-content").tabIndex = 0; // whoever has no mouse scrolls the text by it

  /** Have the service look at what stands here; what can be read is saved, what is good is made known to workers. */
  async function inspect(text) {
    const told = await (await post(`${at}/check`, { text, files: files() })).json();
    const errors = told.problems.filter((each) => each.severity === "error").length;
    by("marks").textContent = errors ? `${errors} to mend` : "no errors";
    by("marks").className = `badge ${errors ? "bad" : "good"}`;
    if (told.picture) by("picture").innerHTML = told.picture;
    showFiles(told.files);
    for (const file of document.querySelectorAll("#files .file")) showMarks(file, told.problems);
    if (dirty) save().then(() => errors || post(`${at}/prepare`, {})).catch((error) => tell(error.message));
    return told.problems.filter((each) => each.file === "dialplan.yaml");
  }

  // --- knowledge files -----------------------------------------------------------------------------------------

  const boxes = () => [...document.querySelectorAll("#files textarea")];
  const files = () => Object.fromEntries(
    boxes().filter((box) => !box.closest(".file").hidden).map((box) => [box.name, box.value]));

  /** A box for each file that the dialplan names; what was written in others comes back when they are named again. */
  function showFiles(names) {
    for (const name of names.filter((each) => !boxes().some((box) => box.name === each))) {
      const file = by("file").content.cloneNode(true);
      file.querySelector("span").textContent = name;
      file.querySelector("textarea").name = name;
      by("files").append(file);
      dirty = true;
    }
    for (const box of boxes()) box.closest(".file").hidden = !names.includes(box.name);
    by("files").hidden = !names.length;
  }

  function showMarks(file, problems) {
    const marks = problems.filter((each) => each.file === file.querySelector("textarea").name);
    file.querySelector(".marks").replaceChildren(...marks.map((each) => {
      const mark = document.createElement("li");
      mark.className = each.severity;
      mark.textContent = `line ${each.line}: ${each.message}${each.hint ? ` – ${each.hint}` : ""}`;
      return mark;
    }));
  }

  let soon = 0;
  by("files").addEventListener("input", () => {
    dirty = true;
    by("saved").textContent = "not saved";
    clearTimeout(soon);
    soon = setTimeout(() => inspect(code.text()).catch((error) => tell(error.message)), 400);
  });

  function save() {
    saving = saving.catch(() => {}).then(async () => {
      const text = code.text();
      dirty = false;
      const told = await (await post(`${at}/draft`, { text, files: files(), after })).json();
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
    by("diff").querySelector(".body").innerHTML = await (await post(`${at}/diff`, { text: code.text(), files: files() })).text();
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
  const forReal = () => Boolean(by("for-real")?.checked);
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
      const told = await (await post(`${at}/call`, { sdp: connection.localDescription.sdp, for_real: forReal() })).json();
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

  // --- chatting ------------------------------------------------------------------------------------------------

  let anew = true; // another page's conversation is not this one's

  by("chat").addEventListener("submit", (event) => {
    event.preventDefault();
    const line = by("line").value;
    by("line").value = "";
    chat(line);
  });
  by("begin-chat").addEventListener("click", () => { by("talked").replaceChildren(); anew = true; chat(null); });

  /** Say a line to what stands in the editor; null: only begin. */
  async function chat(line) {
    const waits = add("note", "…");
    try {
      if (dirty || after === 0) await save();
      await saving;
      const answer = await (await post(`${at}/chat`, { line, anew, for_real: forReal() })).text();
      anew = false;
      waits.insertAdjacentHTML("beforebegin", answer);
    } catch (error) {
      add("note", error.message);
    }
    waits.remove();
    by("talked").lastElementChild?.scrollIntoView({ block: "nearest" });
    by("line").focus();
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
    events.onerror = () => { // while it is only away, the browser asks again by itself; then nobody knows the call
      if (events.readyState === EventSource.CLOSED && connection) over("The call broke off: the console was started anew. Talk again.");
    };
    on("CallerHeard", (one) => one.text && add("caller", one.text)); // nothing was said in a turn of silence
    on("AgentSpeaks", (one) => add("agent", one.text));
    on("SlotFilled", (one) => add("why", `${one.slot.replaceAll("_", " ")} = ${one.value}`));
    on("ToolAnswered", (one) => add("why",
      `${one.tool} → ${one.status}, ${one.effect === "rehearsed" ? "only said, not done" : `${Math.round(one.took_ms)} ms`}`));
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
