import type { JSX, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useSpeech, type MessageKey } from '../shared/i18n.js';
import { textOfFragment } from './fragment.js';
import { Title, Trouble } from '../shared/ui.js';

const EVERY_MS = 200;
/** Large enough for a square of 33 modules, small enough for an old phone. */
const WIDTH = 480;

interface CameraProps {
  readonly onCode: (code: string) => void;
  readonly onStop: () => void;
}

/** Reads the square of a paper. The pictures stay in this page: none is kept, none is sent. */
export function Camera({ onCode, onStop }: CameraProps): JSX.Element {
  const { say } = useSpeech();
  const video = useRef<HTMLVideoElement>(null);
  const [trouble, setTrouble] = useState<MessageKey>();
  useEffect(() => {
    const ending = new AbortController();
    const found = (text: string): void => {
      const code = codeIn(text);
      if (code === undefined) setTrouble('camera-other');
      else onCode(code);
    };
    watch(video, found, ending.signal).catch(() => setTrouble('camera-none'));
    return () => ending.abort();
  }, []);
  return (
    <main>
      <Title>{say('camera-title')}</Title>
      <video ref={video} playsInline muted aria-hidden="true" />
      <Trouble message={trouble} />
      <button type="button" onClick={onStop}>
        {say('camera-stop')}
      </button>
    </main>
  );
}

/**
 * A paper's square holds an address with the code behind `#`; whoever printed it controls the rest, which is
 * not used.
 */
function codeIn(text: string): string | undefined {
  const code = URL.canParse(text) ? textOfFragment(new URL(text).hash) : text;
  return /^[0-9A-Za-z -]{25,40}$/.test(code) ? code : undefined;
}

async function watch(
  view: RefObject<HTMLVideoElement | null>,
  found: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { default: decodeQR } = await import('qr/decode.js');
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  const stop = (): void => {
    for (const track of stream.getTracks()) track.stop();
  };
  signal.addEventListener('abort', stop);
  const video = view.current;
  if (signal.aborted || !video) {
    stop();
    return;
  }
  video.srcObject = stream;
  await video.play();
  const canvas = document.createElement('canvas');
  const look = (): void => {
    if (signal.aborted) return;
    const text = readFrame(video, canvas, decodeQR);
    if (text !== undefined) found(text);
    setTimeout(look, EVERY_MS);
  };
  look();
}

function readFrame(
  video: HTMLVideoElement,
  canvas: HTMLCanvasElement,
  decode: (image: ImageData) => string,
): string | undefined {
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context || video.videoWidth === 0) return undefined;
  canvas.width = WIDTH;
  canvas.height = Math.round((WIDTH * video.videoHeight) / video.videoWidth);
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  try {
    return decode(context.getImageData(0, 0, canvas.width, canvas.height));
  } catch {
    // most pictures show no square
    return undefined;
  }
}
