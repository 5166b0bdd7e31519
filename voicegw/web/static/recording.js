// Plays a call's recording: draws both sides, follows the turn that is heard, and plays the word that is clicked.
"use strict";

(() => {
  const part = document.querySelector("[data-recording]");
  const canvas = part.querySelector("canvas");
  const audio = part.querySelector("audio");
  const button = part.querySelector("[data-load]");
  const clock = part.querySelector("[data-clock]");
  const QUIET = 500;          // of 32768: below it nobody speaks
  const GAP_S = 0.7;          // silence as long ends an utterance
  const STEP_S = 0.02;
  let sides = null;           // levels of caller and agent, every 20 ms
  let words = [];             // {element, from, until} in seconds

  /** Levels of both channels of a 16-bit stereo WAV. */
  function levels(buffer) {
    const view = new DataView(buffer);
    const rate = view.getUint32(24, true);
    const samples = new Int16Array(buffer.slice(44));
    const step = Math.round(rate * STEP_S);
    const count = Math.floor(samples.length / 2 / step);
    const found = [new Float32Array(count), new Float32Array(count)];
    for (let at = 0; at < count; at++) {
      for (let i = at * step; i < (at + 1) * step; i++) {
        for (const side of [0, 1]) {
          const level = Math.abs(samples[2 * i + side]);
          if (level > found[side][at]) found[side][at] = level;
        }
      }
    }
    return found;
  }

  /** Where the utterance begins that ends at a time, or ends that begins there. */
  function edge(side, at, direction) {
    let quiet = 0;
    let last = Math.round(at / STEP_S);
    for (let i = last; i >= 0 && i < side.length && quiet * STEP_S < GAP_S; i += direction) {
      if (side[i] > QUIET) { quiet = 0; last = i; } else quiet++;
    }
    return last * STEP_S;
  }

  /** Makes each word of an utterance a place to click, its time by its share of the letters. */
  function spread(element, from, until) {
    const texts = element.textContent.split(/(\s+)/);
    const letters = texts.join("").length || 1;
    let done = 0;
    element.replaceChildren(...texts.map((text) => {
      const begin = from + (until - from) * done / letters;
      done += text.length;
      if (!text.trim()) return text;
      const word = document.createElement("span");
      word.className = "word";
      word.textContent = text;
      words.push({ element: word, from: begin, until: from + (until - from) * done / letters });
      word.addEventListener("click", () => { audio.currentTime = begin; audio.play(); });
      return word;
    }));
  }

  function placeWords() {
    for (const turn of document.querySelectorAll(".turn")) {
      const { lastVoice, firstPacket } = turn.dataset;
      const caller = turn.querySelector(".caller [data-words]");
      const agent = turn.querySelector(".agent [data-words]");
      if (caller && lastVoice) spread(caller, edge(sides[0], +lastVoice, -1), +lastVoice);
      if (agent && firstPacket) spread(agent, +firstPacket, edge(sides[1], +firstPacket, 1));
    }
  }

  function draw() {
    const ratio = devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const style = getComputedStyle(document.documentElement);
    const colours = ["--caller", "--agent", "--text"].map((name) => style.getPropertyValue(name));
    const count = sides[0].length;
    sides.forEach((side, number) => {
      pen.fillStyle = colours[number];
      const middle = height * (number ? 0.75 : 0.25);
      for (let x = 0; x < width; x++) {
        let level = 0;
        for (let i = Math.floor(x * count / width); i < (x + 1) * count / width; i++) level = Math.max(level, side[i] || 0);
        const tall = Math.max(0.5, Math.sqrt(level / 32768) * height * 0.24);
        pen.fillRect(x, middle - tall, 1, 2 * tall);
      }
    });
    pen.fillStyle = colours[2];
    pen.fillRect(audio.currentTime / (count * STEP_S) * width, 0, 1.5, height);
  }

  function shown(seconds) {
    return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  }

  function follow() {
    clock.textContent = `${shown(audio.currentTime)} of ${shown(audio.duration || 0)}`;
    for (const word of words) {
      word.element.classList.toggle("now", audio.currentTime >= word.from && audio.currentTime < word.until);
    }
    draw();
    if (!audio.paused) requestAnimationFrame(follow);
  }

  async function load() {
    button.disabled = true;
    const answer = await fetch(part.dataset.recording);
    button.disabled = false;
    if (!answer.ok) { clock.textContent = "The recording cannot be played."; return; }
    const blob = await answer.blob();
    sides = levels(await blob.arrayBuffer());
    audio.src = URL.createObjectURL(blob);
    canvas.hidden = false;
    placeWords();
    draw();
    audio.play();
  }

  button.addEventListener("click", () => (!sides ? load() : audio.paused ? audio.play() : audio.pause()));
  canvas.addEventListener("pointerdown", (event) => {
    audio.currentTime = event.offsetX / canvas.clientWidth * sides[0].length * STEP_S;
    follow();
  });
  audio.addEventListener("play", () => { button.lastElementChild.textContent = "Pause"; follow(); });
  audio.addEventListener("pause", () => { button.lastElementChild.textContent = "Listen"; follow(); });
  audio.addEventListener("seeked", follow);
  addEventListener("resize", () => sides && draw());
})();
