import type { Command } from '@everwave/schema/interpreter';

export type StartBatch = Extract<Command, { type: 'startBatch' }>;
export type StopBatch = Extract<Command, { type: 'stopBatch' }>;
export type ReportBatch = Extract<Command, { type: 'reportBatch' }>;
