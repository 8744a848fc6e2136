import type { ServiceProfile } from '../../../src/client/index.js';
import { SERVICE_PROFILE_EXAMPLE } from '../../../src/protocol/schemas/example-profile.js';

/** A service that asks for nothing, is open at every hour, and was checked today. */
export function givenProfile(today: string, change: Partial<ServiceProfile> = {}): ServiceProfile {
  return {
    ...SERVICE_PROFILE_EXAMPLE,
    hours: [
      {
        freq: 'WEEKLY',
        byday: ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'],
        opensAt: '00:00',
        closesAt: '00:00',
      },
    ],
    intake: { requires: [], offers: [], questions: [] },
    lastChecked: { by: 'coordinator', on: today },
    ...change,
  };
}
