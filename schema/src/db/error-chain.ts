/** An error with the errors behind it, five at most: Drizzle keeps the driver's own, which has the code, as the cause. */
export const errorChain = (error: unknown, depth = 5): readonly Record<string, unknown>[] =>
  typeof error === 'object' && error !== null && depth > 0
    ? [error as Record<string, unknown>, ...errorChain((error as { cause?: unknown }).cause, depth - 1)]
    : [];
