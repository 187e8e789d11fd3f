/** Why a run cannot be started again like that. `code` is stable; `path` is the step it is about. */
export interface ForkProblem {
  readonly code:
    | 'unknown_step'
    | 'step_not_reached'
    | 'trigger_absent'
    | 'output_not_kept'
    | 'output_does_not_fit'
    | 'input_not_editable'
    | 'path_not_taken'
    | 'not_recorded'
    | 'loop_too_long'
    | 'no_subflow'
    | 'subflow_open';
  readonly path: string;
  readonly message: string;
}
