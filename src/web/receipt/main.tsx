import { render } from 'preact';
import { leave, onEscapes, onIdle } from '../shared/leave.js';
import { directionOf, loadSpeech, preferredLanguage, SpeechContext, type Language } from '../shared/i18n.js';
import { App } from './app.js';
import { Connection } from './door.js';
import { textOfFragment } from './fragment.js';

/**
 * A scanned code comes in the fragment, which no browser sends; it leaves the address at once, whatever it
 * is.
 */
function takeCode(): string {
  const { hash } = location;
  history.replaceState(null, '', location.pathname);
  return textOfFragment(hash);
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

/** Nobody is there any more, or somebody with another paper: the page is as if nobody had been. */
function begin(code: string): void {
  clear();
  connection = new Connection();
  void show(currentLanguage, code);
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
onIdle(() => begin(''));
// another paper's address in the same window loads nothing: its code would stay in the address
addEventListener('hashchange', () => begin(takeCode()));
// a page that comes back out of the browser's memory begins anew
addEventListener('pagehide', clear);
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
void show(currentLanguage, given);
