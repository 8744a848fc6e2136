import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { EVENT_TYPES } from '../../src/protocol/referral/event-types.js';

it('events have the types that docs/protocol/acts.md lists, and no others', () => {
  const [, feed = ''] = readFileSync('docs/protocol/acts.md', 'utf8').split('## Events feed\n');
  const [table = ''] = /^\| type .*?\n\n/ms.exec(feed) ?? [];
  const listed = table.match(/(?<=[|·] )[a-z-]+\.[a-z-]+(?= )/g) ?? [];
  expect([...listed].sort()).toEqual([...EVENT_TYPES].sort());
});
