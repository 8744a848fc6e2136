export { KnownReceipts } from './known-receipts.js';
export { ReceiptsModule } from './receipts.module.js';
