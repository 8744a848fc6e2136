import { Refused } from '../../protocol/encoding/errors.js';
import { DomainError, placeOf } from '../common/errors/index.js';

/**
 * What somebody signed or sent does not hold: the answer says so, and of which member, and not at which
 * check.
 * @throws DomainError statement_invalid in place of Refused
 */
export async function refusedAsInvalid<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Refused) throw new DomainError('statement_invalid', placeOf(error));
    throw error;
  }
}
