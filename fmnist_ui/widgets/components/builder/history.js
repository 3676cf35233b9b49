// The way back and forth through what was done to a network: states are {title, items} and are never changed.

const TOGETHER = 1_500; // milliseconds: what is typed into one field without a longer pause is one step
const MOST = 200;

export class History {
  constructor(state, now = () => performance.now()) {
    this.state = state;
    this.before = [];
    this.after = [];
    this.now = now;
    this.last = { tag: null, when: 0 };
  }

  // tag: changes with the same one, soon after each other, are one step; null: always a step.
  become(state, tag = null) {
    const when = this.now();
    const goesOn = tag !== null && tag === this.last.tag && when - this.last.when < TOGETHER;
    if (!goesOn) this.before = [...this.before, this.state].slice(-MOST);
    this.after = [];
    this.state = state;
    this.last = { tag, when };
  }

  undo() {
    if (!this.before.length) return false;
    this.after = [...this.after, this.state];
    this.state = this.before.at(-1);
    this.before = this.before.slice(0, -1);
    this.last = { tag: null, when: 0 };
    return true;
  }

  redo() {
    if (!this.after.length) return false;
    this.before = [...this.before, this.state];
    this.state = this.after.at(-1);
    this.after = this.after.slice(0, -1);
    this.last = { tag: null, when: 0 };
    return true;
  }
}
