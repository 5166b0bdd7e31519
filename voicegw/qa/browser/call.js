// In the place of microphone and loudspeaker, before the page's own scripts: what a caller says is played into the
// call, and both directions are recorded on one clock, as they cross the edge of the browser's sound.
"use strict";

(() => {
  const RATE_HZ = 8000, BLOCK = 6; // 48 kHz, each six samples as one
  const QUIET = 0.01, DONE_S = 0.9; // the agent has finished: softer than -40 dBFS for so long after it spoke
  const RECORDER = `registerProcessor("recorder", class extends AudioWorkletProcessor {
    process([sent, received]) {
      const silence = new Float32Array(128);
      this.port.postMessage([sent[0] ?? silence, received[0] ?? silence]);
      return true;
    }
  });`;
  const context = new AudioContext({ sampleRate: BLOCK * RATE_HZ });
  const microphone = context.createMediaStreamDestination();
  const voice = context.createGain();
  voice.connect(microphone);
  const tape = [[], []];
  let recorder = null;
  let taken = 0; // samples at 48 kHz
  let spokeAt = -1; // the agent, last

  async function begin() {
    await context.resume();
    const url = URL.createObjectURL(new Blob([RECORDER], { type: "text/javascript" }));
    await context.audioWorklet.addModule(url);
    recorder = new AudioWorkletNode(context, "recorder", { numberOfInputs: 2, numberOfOutputs: 1 });
    recorder.connect(context.destination); // silent: it only keeps the graph going
    voice.connect(recorder, 0, 0);
    recorder.port.onmessage = ({ data }) => {
      data.forEach((samples, side) => tape[side].push(samples.slice()));
      taken += data[0].length;
      if (data[1].some((sample) => Math.abs(sample) > QUIET)) spokeAt = taken;
    };
  }

  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(...given) {
      super(...given);
      this.addEventListener("track", (event) => {
        context.createMediaStreamSource(new MediaStream([event.track])).connect(recorder, 0, 1);
      });
    }
  };
  navigator.mediaDevices.getUserMedia = async () => { await begin(); return microphone.stream; };

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  window.voicegwCaller = {
    /** When the agent has finished: says int16 at 8 kHz; gives first and last sample of it on the tape. */
    async say(pcm) {
      await this.untilDone();
      spokeAt = -1;
      const buffer = context.createBuffer(1, pcm.length, RATE_HZ);
      buffer.getChannelData(0).set(pcm.map((sample) => sample / 32768));
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.connect(voice);
      const from = Math.round(taken / BLOCK);
      const over = new Promise((done) => { source.onended = done; });
      source.start();
      await over;
      await pause(100); // what was said is on the tape
      spokeAt = -1;
      return [from, Math.round(taken / BLOCK)];
    },
    /** The agent has spoken, and finished. */
    async untilDone() {
      while (spokeAt < 0 || taken - spokeAt < DONE_S * BLOCK * RATE_HZ) await pause(20);
    },
    /** Both directions, int16 at 8 kHz. */
    tape: () => tape.map((pieces) => {
      const all = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
      let at = 0;
      for (const piece of pieces) { all.set(piece, at); at += piece.length; }
      const coarse = [];
      for (let start = 0; start + BLOCK <= all.length; start += BLOCK) {
        let sum = 0;
        for (let each = start; each < start + BLOCK; each += 1) sum += all[each];
        coarse.push(Math.max(-32768, Math.min(32767, Math.round(sum / BLOCK * 32768))));
      }
      return coarse;
    }),
  };
})();
