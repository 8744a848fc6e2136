export { ReferralsModule } from './referrals.module.js';
export { StatementDto } from './send.dto.js';
export { WithdrawAct } from './withdraw.js';
