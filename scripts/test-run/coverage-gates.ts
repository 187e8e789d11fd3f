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

/** The pure rules, what wraps every node, and the tables, whose tests stand among these and ask a real Postgres. */
export const unitCoverage: Measured = {
  folders: ['schema/src', 'activities/src/runtime'],
  gates: [
    { title: 'unit coverage of the schema', files: /^schema\/src\/(?!db\/)/, above: unit },
    { title: 'unit coverage of the kernel', files: /^schema\/src\/interpreter\//, above: unit },
    { title: "unit coverage of the activities' runtime", files: /^activities\/src\/runtime\//, above: unit },
    {
      title: 'integration coverage of the tables',
      files: /^schema\/src\/db\//,
      // Drizzle asks for the targets of foreign keys by functions that nothing calls outside its own tools.
      above: { ...integration, functions: 70 },
    },
  ],
};

/**
 * The api on a real Postgres. Not the kernel: inside Temporal's sandbox nothing can be measured, and outside it is pure.
 * Not what runs in processes of its own, such as the dev server.
 */
export const integrationCoverage: Measured = {
  folders: ['api/src'],
  gates: [{ title: 'integration coverage of the api', files: /^api\/src\//, above: integration }],
};
