const NEUTRAL = '/today';
const ESCAPES = 3;
const WITHIN_MS = 2000;
const IDLE_MS = 600_000;

/**
 * Clears what is on the screen, then goes to a page that says nothing; the history keeps that page in this
 * one's place.
 */
export function leave(clear: () => void): void {
  clear();
  document.title = '';
  location.replace(NEUTRAL);
}

/** Three times Escape leaves. Answers with how to stop listening. */
export function onEscapes(act: () => void): () => void {
  let times: number[] = [];
  const listen = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    times = [...times, event.timeStamp].filter((time) => event.timeStamp - time < WITHIN_MS);
    if (times.length >= ESCAPES) act();
  };
  addEventListener('keydown', listen);
  return () => removeEventListener('keydown', listen);
}

/** Ten minutes without a touch or a key: whoever picks the device up sees nothing. */
export function onIdle(act: () => void): () => void {
  let timer = setTimeout(act, IDLE_MS);
  const again = (): void => {
    clearTimeout(timer);
    timer = setTimeout(act, IDLE_MS);
  };
  const events = ['pointerdown', 'keydown', 'scroll'] as const;
  for (const event of events) addEventListener(event, again, { passive: true });
  return () => {
    clearTimeout(timer);
    for (const event of events) removeEventListener(event, again);
  };
}
