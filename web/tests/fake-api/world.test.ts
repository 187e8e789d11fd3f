import * as api from '@everwave/schema/api';
import { describe, expect, it } from 'vitest';
import { createWorld, tellFlow } from './world.ts';

const world = createWorld({ now: Date.now(), webUrl: 'http://127.0.0.1:3000' });

describe('the small world', () => {
  it('speaks the api’s own schemas', () => {
    for (const run of world.runs.values()) api.runSchema.parse(run);
    for (const flow of world.flows.values()) api.flowSchema.parse(tellFlow(flow));
    for (const delivery of world.deliveries) api.deliverySchema.parse(delivery);
    for (const connection of world.connections) api.connectionSchema.parse(connection);
    for (const letter of world.deadLetters) api.deadLetterSchema.parse(letter);
    for (const key of world.apiKeys) api.apiKeySchema.parse(key);
    api.meSchema.parse(world.me);
    expect(world.runs.size).toBeGreaterThan(60);
  });
});
