import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { projectFolder } from '../scripts/lib/folders.ts';

const rulesSchema = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.union([
          z.strictObject({ record: z.string(), expr: z.string() }),
          z.strictObject({
            alert: z.string(),
            expr: z.string(),
            for: z.string().optional(),
            labels: z.strictObject({ severity: z.enum(['critical', 'warning']), service: z.string() }),
            annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook: z.string() }),
          }),
        ]),
      ),
    }),
  ),
});

const dashboardSchema = z.object({
  uid: z.string(),
  title: z.string(),
  panels: z.array(
    z.object({
      title: z.string(),
      datasource: z.object({ uid: z.string() }),
      targets: z.array(z.object({ expr: z.string() })).min(1),
    }),
  ),
});

export interface Expression {
  /** Where it stands: `alerts.yaml EverwaveApiDown`. */
  readonly at: string;
  readonly expr: string;
}

const read = (path: string): string => readFileSync(join(projectFolder, path), 'utf8');
const filesLike = (pattern: string): string[] => globSync(pattern, { cwd: projectFolder }).toSorted();

const groups = ['ops/prometheus/alerts.yaml', 'ops/prometheus/slo.yaml'].flatMap(
  (file) => rulesSchema.parse(parse(read(file))).groups,
);
const rules = groups.flatMap((group) => group.rules);

/** Alerts with their expression, service and runbook. */
export const alerts = rules.filter((rule) => 'alert' in rule);
export const records = rules.filter((rule) => 'record' in rule);
export const dashboards = filesLike('ops/grafana/dashboards/*.json').map((file) =>
  dashboardSchema.parse(JSON.parse(read(file))),
);
export const dataSourceUids = filesLike('ops/grafana/provisioning/datasources/*.yaml').flatMap((file) =>
  z
    .object({ datasources: z.array(z.object({ uid: z.string() })) })
    .parse(parse(read(file)))
    .datasources.map(({ uid }) => uid),
);
export const scrapeJobs = z
  .object({ scrape_configs: z.array(z.object({ job_name: z.string() })) })
  .parse(parse(read('ops/prometheus/prometheus.yml')))
  .scrape_configs.map(({ job_name: name }) => name);

/** Every expression in rules and dashboards. */
export const expressions: readonly Expression[] = [
  ...rules.map((rule) => ({ at: 'alert' in rule ? rule.alert : rule.record, expr: rule.expr })),
  ...dashboards.flatMap(({ uid, panels }) =>
    panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ at: `${uid} ${title}`, expr }))),
  ),
];

const series = /\b(?:everwave|temporal|process|nodejs)[a-z0-9_:]+/g;

/** Names of series in an expression, without what stands in quotes or names labels. */
export const seriesIn = (expr: string): string[] => expr.replaceAll(/"[^"]*"/g, '""').match(series) ?? [];

/** `everwave_x_bucket` → `everwave_x`: as `# TYPE` names it. */
export const familyOf = (name: string, families: ReadonlySet<string>): string => {
  const family = name.replace(/_(bucket|count|sum)$/, '');
  return families.has(family) ? family : name;
};
