import { dayIn } from '../../../src/client/device/days.js';

/** The year of the logs that are written to: the network's, which begins an hour before UTC's in Brussels. */
export const THIS_YEAR = Number(dayIn('Europe/Brussels', new Date().toISOString()).slice(0, 4));
