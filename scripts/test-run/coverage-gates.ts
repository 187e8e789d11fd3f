/** Per cent that must be exceeded. */
interface Bounds {
  readonly lines: number;
  readonly statements: number;
  readonly functions: number;
  readonly branches: number;
}

export interface CoverageGate {
  readonly title: string;
  /** Paths below the project's folder. */
  readonly files: RegExp;
  readonly above: Bounds;
}

/** What the tests of one group must reach by themselves, without what others run. */
export interface Measured {
  /** Folders of sources, each counted whole: a file that no test loads counts as not covered. */
  readonly folders: readonly string[];
  readonly gates: readonly CoverageGate[];
}

const unit: Bounds = { lines: 90, statements: 90, functions: 90, branches: 85 };
const integration: Bounds = { lines: 80, statements: 80, functions: 80, branches: 70 };

/** The pure rules, and what wraps every node. */
export const unitCoverage: Measured = {
  folders: ['schema/src', 'activities/src/runtime'],
  gates: [
    { title: 'unit coverage of the schema', files: /^schema\/src\/(?!db\/)/, above: unit },
    { title: 'unit coverage of the kernel', files: /^schema\/src\/interpreter\//, above: unit },
    { title: "unit coverage of the activities' runtime", files: /^activities\/src\/runtime\//, above: unit },
  ],
};

/**
 * What talks to Postgres, Temporal and HTTP, on the real ones. The kernel is not among it: inside Temporal's sandbox
 * nothing can be measured, and outside it is pure.
 */
export const integrationCoverage: Measured = {
  folders: ['api/src', 'temporal/src', 'temporal-workers/src', 'schema/src/db', 'schema/src/api'],
  gates: [
    { title: 'integration coverage of the api', files: /^api\/src\//, above: integration },
    { title: 'integration coverage of the tables', files: /^schema\/src\/db\//, above: integration },
    { title: 'integration coverage of temporal', files: /^temporal\/src\//, above: integration },
    {
      title: 'integration coverage of the worker',
      files: /^temporal-workers\/src\/(?!workflows\/)/,
      above: integration,
    },
  ],
};
