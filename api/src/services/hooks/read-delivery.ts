import type { Context } from 'hono';
import type { ApiEnv, AppDependencies } from '../../context.ts';
import type { ReceivedDelivery } from './accept-delivery.ts';
import type { FoundTrigger } from './find-trigger.ts';

export const readDelivery = (
  _dependencies: AppDependencies,
  _trigger: FoundTrigger,
  _c: Context<ApiEnv>,
): Promise<ReceivedDelivery> => Promise.reject(new Error('not yet'));
