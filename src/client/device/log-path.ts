import { refuse } from '../../protocol/encoding/errors.js';
import type { NoteKey } from '../../protocol/log/note.js';
import type { Policy } from '../../protocol/log/policy.js';

/** Where a log of that origin is published. */
export function logPath(origin: string): string {
  return `/log/${origin.split('/').slice(1).join('/')}`;
}

/** This year's log among those of a policy. */
export function newestLog({ logs }: Policy, kind: 'consent' | 'registry'): NoteKey {
  const ofKind = logs.filter(({ name }) => name.split('/')[1] === kind);
  return ofKind.sort((a, b) => (a.name < b.name ? 1 : -1))[0] ?? refuse('policy');
}
