// How much is drawn while things move, so that they move smoothly on a machine without a graphics chip.

const SLOW_MS = 40; // a frame that takes longer makes the next one draw less
const QUICK_MS = 24;
const LEAST_SHARE = 0.12;

export class Pace {
  constructor() {
    this.share = 1; // of the points
    this.askedAt = 0;
    this.drawMs = 0;
  }

  // A frame has been asked for; within a frame, at its beginning.
  ask(time) {
    this.askedAt = time;
  }

  // The frame that was asked for begins. What it had to wait for is the drawing of the one before.
  begin(time) {
    const took = Math.max(time - this.askedAt, this.drawMs);
    if (took > SLOW_MS) this.share = Math.max(LEAST_SHARE, this.share * 0.7);
    else if (took < QUICK_MS) this.share = Math.min(1, this.share * 1.15);
    this.begun = time;
  }

  end(time) {
    this.drawMs = time - this.begun;
  }
}
