// The camera. Its picture is cut to the shape that the model takes, about the middle: the viewfinder shows just that.

import { Refused, rgbOf } from './decode_image.js';

const SENTENCES = {
  NotAllowedError: 'The camera was refused. Allow it in the settings of this page, or open a photo.',
  NotFoundError: 'No camera was found. Connect one, or open a photo.',
  NotReadableError: 'The camera is in use by another program. Close that, or open a photo.',
};

export class Camera {
  /** @param {HTMLVideoElement} video @param {object} input the contract's "input". */
  constructor(video, input) {
    this.video = video;
    this.ratio = input.width / input.height;
    this.facing = 'environment';
  }

  get isOn() {
    return this.video.srcObject !== null;
  }

  async start() {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new Refused('Cameras work on https:// and on localhost only. Open a photo.');
    }
    try {
      const wanted = { facingMode: this.facing, width: { ideal: 640 }, aspectRatio: { ideal: this.ratio } };
      this.video.srcObject = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
      await this.video.play();
    } catch (error) {
      this.stop();
      throw new Refused(SENTENCES[error.name] ?? `The camera does not start: ${error.message}`);
    }
  }

  stop() {
    for (const track of this.video.srcObject?.getTracks() ?? []) track.stop();
    this.video.srcObject = null;
  }

  async turn() {
    this.facing = this.facing === 'environment' ? 'user' : 'environment';
    this.stop();
    await this.start();
  }

  /** Wait for the next picture. */
  async next() {
    await new Promise((done) => {
      if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(done);
      else requestAnimationFrame(done);
      setTimeout(done, 1000); // a hidden page gets no pictures
    });
  }

  /** Return the middle of the picture, in the shape that the model takes, never mirrored; null: there is none yet. */
  frame() {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!width || !height) return null;
    const across = Math.min(width, Math.round(height * this.ratio));
    const down = Math.min(height, Math.round(width / this.ratio));
    return rgbOf(this.video, Math.floor((width - across) / 2), Math.floor((height - down) / 2), across, down);
  }
}
