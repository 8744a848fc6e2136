export { AttachmentAnswer, AttachmentParams, PartAnswer, PartParams } from './attachments.dto.js';
export { AttachmentsService } from './attachments.service.js';
export { HandoffsModule } from './handoffs.module.js';
