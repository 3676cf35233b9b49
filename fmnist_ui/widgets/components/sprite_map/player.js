// The animation's controls: play and pause, a slider through the frames, the name of the frame.

const WHOLE_MS = 6_000; // of playing all frames
const [LEAST_MS, MOST_MS] = [120, 700]; // of one

export class Player {
  // actions: show(at), called while it moves, and rest(frame), when it stops there.
  constructor(root, actions) {
    this.root = root;
    this.actions = actions;
    this.button = root.querySelector(".play");
    this.slider = root.querySelector(".frames");
    this.output = root.querySelector(".frame-name");
    this.labels = [];
    this.at = 0;
    this.isPlaying = false;
    this.button.onclick = () => this.toggle();
    this.slider.oninput = () => this.scrub(Number(this.slider.value));
    this.slider.onchange = () => this.rest();
    this.slider.onkeydown = (event) => this.pressKey(event);
  }

  get last() {
    return Math.max(0, this.labels.length - 1);
  }

  // frame: the one that is shown at rest.
  setFrames(labels, frame) {
    this.labels = labels;
    this.root.hidden = labels.length < 2;
    this.slider.max = this.last;
    if (this.root.hidden) this.isPlaying = false;
    if (!this.isPlaying) this.at = frame;
    this.show();
  }

  toggle() {
    if (this.root.hidden) return;
    if (this.isPlaying) {
      this.rest();
      return;
    }
    if (this.at >= this.last) this.at = 0;
    this.isPlaying = true;
    this.show();
    this.actions.show(this.at);
  }

  scrub(at) {
    this.isPlaying = false;
    this.at = at;
    this.show();
    this.actions.show(at);
  }

  rest() {
    this.isPlaying = false;
    this.at = Math.round(this.at);
    this.show();
    this.actions.rest(this.at);
  }

  // Stops at once, if it is anywhere between.
  settle() {
    if (this.isPlaying) this.rest();
  }

  // One frame on or back; Home and End lead to the first and the last.
  pressKey(event) {
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -Infinity, End: Infinity };
    if (event.key === " ") this.toggle();
    else if (event.key in steps) {
      this.at = Math.max(0, Math.min(this.last, Math.round(this.at) + steps[event.key]));
      this.rest();
    } else return;
    event.preventDefault();
  }

  // Plays on by `elapsed` ms; true while it is playing.
  step(elapsed) {
    if (!this.isPlaying) return false;
    const each = Math.max(LEAST_MS, Math.min(MOST_MS, WHOLE_MS / this.last));
    this.at = Math.min(this.last, this.at + elapsed / each);
    if (this.at >= this.last) this.rest();
    else {
      this.show();
      this.actions.show(this.at);
    }
    return true;
  }

  show() {
    const frame = Math.round(this.at);
    const name = this.labels[frame] ?? "";
    this.slider.value = this.at;
    this.slider.setAttribute("aria-valuetext", name);
    this.slider.style.setProperty("--part", this.last ? this.at / this.last : 0);
    this.output.textContent = name;
    this.root.dataset.frame = frame;
    const words = this.isPlaying ? "Pause" : "Play";
    this.root.classList.toggle("playing", this.isPlaying);
    this.button.setAttribute("aria-label", words);
    this.button.title = `${words} (space)`;
  }
}
