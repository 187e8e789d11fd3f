import type { BundleOptions } from '@temporalio/worker';

type Hook = NonNullable<BundleOptions['webpackConfigHook']>;

interface SwcRule {
  readonly use?: { readonly options?: { readonly jsc?: { target?: string } } };
}

/**
 * Has workflow code compiled for the Node that runs it. The SDK's own setting is the language of 2017, in which every `{ ...state }` of the
 * kernel becomes a loop over property descriptors.
 */
export const inNodesOwnLanguage: Hook = (config) => {
  const rules = (config.module?.rules ?? []) as readonly SwcRule[];
  const compilers = rules.flatMap(({ use }) => use?.options?.jsc ?? []);
  if (compilers.length === 0) {
    throw new Error(
      'The SDK compiles workflow code in another way than it did. Look at its bundler, and at bundle-language.ts.',
    );
  }
  for (const compiler of compilers) compiler.target = 'es2024';
  return config;
};
