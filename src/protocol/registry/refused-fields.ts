import type { Charter } from '../schemas/charter.js';
import { HANDOFF_FIELDS } from '../schemas/handoff-record.js';

const USUAL: readonly string[] = HANDOFF_FIELDS;

/**
 * Whether a handoff to this service may carry a field: one of those of every handoff, or by an exception that
 * was voted for it.
 */
export function mayCarry(field: string, service: string, refusedFields: Charter['refusedFields']): boolean {
  const rule = refusedFields.find((refused) => refused.field === field);
  return rule ? rule.exceptFor.includes(service) : USUAL.includes(field);
}
