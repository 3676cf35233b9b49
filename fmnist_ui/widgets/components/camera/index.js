// The camera's picture, live: a small frame about once a second, the next one only after the last was answered, and the
// photo that the visitor takes. Frames are sent and shown; nothing is stored here.

const FRAME_SIDE = 640; // pixels, of frames
const PHOTO_SIDE = 1280; // of the photo that is taken
const A_FRAME_EVERY = 1000; // milliseconds at least
const GIVE_UP = 8000; // on an answer, after so long
const PROBLEMS = {
  NotAllowedError: "The browser was not allowed to use the camera. Allow it beside the address, then start again.",
  NotFoundError: "No camera was found on this machine.",
  NotReadableError: "The camera gives no picture: another program may be using it. Close that, then start again.",
};
const OTHERWISE = "Or take the photo with the camera's own app and add it under Photos.";

const cameras = new WeakMap(); // Streamlit's element -> the camera in it

export default function show({ data, parentElement, setTriggerValue }) {
  let camera = cameras.get(parentElement);
  if (!camera || !parentElement.contains(camera.root)) {
    camera?.destroy();
    camera = new Camera(parentElement, data);
    cameras.set(parentElement, camera);
  }
  camera.send = setTriggerValue;
  camera.answered = data.answered;
  return () => {
    // Streamlit also cleans up after a run that a newer one has overtaken; the camera is then still on the page.
    setTimeout(() => {
      if (parentElement.isConnected || !cameras.delete(parentElement)) return;
      camera.destroy();
    });
  };
}

class Camera {
  constructor(parent, data) {
    this.facing = data.rear ? "environment" : "user";
    this.stream = null;
    this.number = data.answered; // of the last frame that was sent
    this.sentAt = 0;
    this.root = element("div", "panel");
    this.view = element("div", "view");
    this.video = element("video");
    Object.assign(this.video, { muted: true, playsInline: true, autoplay: true });
    this.said = element("p", "said", data.hint);
    this.said.setAttribute("role", "status");
    this.view.append(this.video, this.said);
    this.root.append(this.view, this.makeTools(data));
    parent.append(this.root);
    this.timer = setInterval(() => this.tick(), 100);
    this.refresh();
  }

  makeTools(data) {
    const bar = element("div", "tools");
    this.startButton = button("Start the camera", "main", () => this.start());
    this.takeButton = button(data.take, "main", () => this.take());
    this.againButton = button("Again", "main", () => this.goOn());
    this.stopButton = button("Stop", "", () => this.stop());
    this.choice = element("select");
    this.choice.setAttribute("aria-label", "Camera");
    this.choice.onchange = () => this.start();
    const label = element("label", "live");
    this.live = element("input");
    Object.assign(this.live, { type: "checkbox", checked: data.frames });
    this.frames = data.frames;
    label.append(this.live, element("span", "", "Live verdict"));
    this.label = label;
    bar.append(this.startButton, this.takeButton, this.againButton, this.choice, label, this.stopButton);
    return bar;
  }

  async start() {
    const asked = (this.asked = {}); // a later start overtakes this one
    this.release();
    this.say("Waiting for the camera …");
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: this.wanted() });
      if (asked !== this.asked) return stop(stream);
      this.stream = stream;
      this.video.srcObject = stream;
      await this.video.play();
      await this.listChoices();
      this.say("");
    } catch (error) {
      if (asked !== this.asked) return;
      this.release();
      this.say(`${PROBLEMS[error.name] ?? "The browser gives this page no camera."} ${OTHERWISE}`);
    }
    this.refresh();
  }

  wanted() {
    const [kind, value] = (this.choice.value || `facing:${this.facing}`).split(/:(.*)/s);
    const size = { width: { ideal: PHOTO_SIDE } };
    return kind === "facing" ? { ...size, facingMode: { ideal: value } } : { ...size, deviceId: { exact: value } };
  }

  // Rear and front where the browser knows which is which, as on phones; else each camera by its name.
  async listChoices() {
    if (this.choice.options.length) return;
    const devices = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput");
    if (devices.length < 2) return;
    const settings = this.stream.getVideoTracks()[0].getSettings();
    const byFacing = [["facing:environment", "Rear camera"], ["facing:user", "Front camera"]];
    const byName = devices.map((one, place) => [`device:${one.deviceId}`, one.label || `Camera ${place + 1}`]);
    for (const [value, words] of settings.facingMode ? byFacing : byName) this.choice.add(new Option(words, value));
    this.choice.value = settings.facingMode ? `facing:${settings.facingMode}` : `device:${settings.deviceId}`;
  }

  tick() {
    const now = performance.now();
    const waiting = this.answered !== this.number && now - this.sentAt < GIVE_UP;
    if (!this.isShowing || !this.live.checked || waiting || document.hidden || now - this.sentAt < A_FRAME_EVERY) return;
    this.sentAt = now;
    this.number += 1;
    this.send("frame", { number: this.number, image: this.grab(FRAME_SIDE, 0.8) });
  }

  take() {
    if (!this.isShowing) return;
    if (this.frames) this.video.pause(); // what was taken is looked at; else the next one is taken
    this.refresh();
    this.send("photo", { number: this.number, image: this.grab(PHOTO_SIDE, 0.9) });
  }

  async goOn() {
    await this.video.play().catch(() => {});
    this.refresh();
  }

  get isShowing() {
    return this.stream?.active && !this.video.paused && this.video.videoWidth > 0;
  }

  grab(side, quality) {
    const { videoWidth, videoHeight } = this.video;
    const scale = Math.min(1, side / Math.max(videoWidth, videoHeight));
    const canvas = element("canvas");
    canvas.width = Math.max(1, Math.round(videoWidth * scale));
    canvas.height = Math.max(1, Math.round(videoHeight * scale));
    canvas.getContext("2d").drawImage(this.video, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL("image/jpeg", quality);
  }

  say(words) {
    this.said.textContent = words;
    this.said.hidden = !words;
  }

  refresh() {
    const on = Boolean(this.stream);
    const frozen = on && this.video.paused;
    this.startButton.hidden = on;
    this.takeButton.hidden = !on || frozen;
    this.againButton.hidden = !frozen;
    this.choice.hidden = !on || frozen || this.choice.options.length < 2;
    this.label.hidden = !on || frozen || !this.frames;
    this.stopButton.hidden = !on;
  }

  stop() {
    this.release();
    this.say("The camera is off.");
    this.refresh();
  }

  release() {
    if (this.stream) stop(this.stream);
    this.stream = this.video.srcObject = null;
  }

  destroy() {
    this.asked = null;
    clearInterval(this.timer);
    this.release();
    this.root.remove();
  }
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}

function element(tag, className = "", text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

function button(words, className, act) {
  const node = element("button", className, words);
  node.type = "button";
  node.onclick = act;
  return node;
}
