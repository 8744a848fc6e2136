import { render } from 'preact';
import { leave, onEscapes, onIdle } from '../shared/leave.js';
import { directionOf, loadSpeech, preferredLanguage, SpeechContext, type Language } from '../shared/i18n.js';
import { App } from './app.js';
import { Connection } from './door.js';

/** A scanned code comes in the fragment, which no browser sends; it leaves the address at once. */
function takeCode(): string {
  const code = decodeURIComponent(location.hash.slice(1));
  if (location.hash !== '') history.replaceState(null, '', location.pathname);
  return code;
}

const page = document.querySelector('#page') as HTMLElement;
const given = takeCode();
let connection = new Connection();

/** Nothing of the person is left in the page: neither on the screen nor in the worker's memory. */
function clear(): void {
  render(null, page);
  connection.end();
}

const goAway = (): void => leave(clear);

/** Nobody is there any more: the page is as if nobody had been. */
function lock(): void {
  clear();
  connection = new Connection();
  void show(currentLanguage, '');
}

let currentLanguage = preferredLanguage();

async function show(language: Language, code: string): Promise<void> {
  currentLanguage = language;
  const speech = await loadSpeech(language);
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
  const choose = (chosen: Language): void => void show(chosen, code);
  render(
    <SpeechContext.Provider value={speech}>
      <App connection={connection} given={code} onLanguage={choose} onLeave={goAway} />
    </SpeechContext.Provider>,
    page,
  );
}

onEscapes(goAway);
onIdle(lock);
// a page that comes back out of the browser's memory begins anew
addEventListener('pagehide', clear);
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
void show(currentLanguage, given);
