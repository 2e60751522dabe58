/**
 * Synchronization of z between page and server.
 *
 * The page is ahead of the server while a slider is held, while a move has not been sent, and while
 * a move has no answer yet. Then the page keeps its own z; otherwise it takes the server's. A z that
 * was chosen in another way has another version, and the page always takes it.
 *
 * Each move has a larger number than the one before and contains the whole z, so the server can
 * ignore older moves that arrive late.
 */

import { getDistance, moveAlong } from "../../../../dcgan/documents/frontend/latent.js";

// After this time a move no longer waits for the answer to the last one.
const ANSWER_MILLISECONDS = 1000;

export class LatentSync {
  z = new Float64Array();
  zVersion = -1;
  /** Number of the last move that was sent. */
  lastSent = 0;
  /** Number of the last move whose answer is no longer awaited. */
  lastAnswered = 0;
  sentAt = -Infinity;
  isHeld = false;
  hasUnsentMove = false;

  get isAhead() {
    return this.isHeld || this.hasUnsentMove || this.isWaiting;
  }

  get isWaiting() {
    return this.lastSent > this.lastAnswered;
  }

  /**
   * Apply a message of the server.
   *
   * @param {{ z: number[], zVersion: number, lastMove: number }} message
   */
  receive({ z, zVersion, lastMove }) {
    this.lastAnswered = Math.max(this.lastAnswered, lastMove);
    this.lastSent = Math.max(this.lastSent, this.lastAnswered);
    if (zVersion !== this.zVersion) {
      this.lastAnswered = this.lastSent;
      this.isHeld = this.hasUnsentMove = false;
    }
    if (!this.isAhead) this.z = Float64Array.from(z);
    this.zVersion = zVersion;
  }

  /**
   * Return how far z is along a direction.
   *
   * @param {number[]} vector Unit vector.
   * @returns {number}
   */
  getDistanceAlong(vector) {
    return getDistance(this.z, vector);
  }

  /**
   * Move z along a direction, with the slider still held.
   *
   * @param {number[]} vector Unit vector.
   * @param {number} distance New length of z along the direction, unless a bound prevents it.
   * @param {number} limit Bound of each entry of z.
   */
  drag(vector, distance, limit) {
    this.z = moveAlong(this.z, vector, distance, limit);
    this.isHeld = this.hasUnsentMove = true;
  }

  /** End a drag, before its move is sent. */
  release() {
    this.isHeld = false;
  }

  /**
   * Undo a drag, because the touch became a scroll of the page.
   *
   * @param {{ z: Float64Array, hasUnsentMove: boolean }} before The values before the drag.
   */
  cancelDrag({ z, hasUnsentMove }) {
    this.z = Float64Array.from(z);
    this.isHeld = false;
    this.hasUnsentMove = hasUnsentMove;
  }

  /**
   * Return how long to wait before a move is sent, so that quick key presses share a message.
   *
   * @param {number} time Now, in milliseconds.
   * @returns {number} In milliseconds; 0 if the last move was answered or has waited long enough.
   */
  computeSendingDelay(time) {
    return this.isWaiting ? Math.max(0, this.sentAt + ANSWER_MILLISECONDS - time) : 0;
  }

  /**
   * Return the move to send, and count it as sent.
   *
   * @param {number} time Now, in milliseconds.
   * @returns {{ zVersion: number, number: number, z: number[] }}
   */
  takeMove(time) {
    this.lastSent += 1;
    this.sentAt = time;
    this.hasUnsentMove = false;
    return { zVersion: this.zVersion, number: this.lastSent, z: [...this.z] };
  }
}
