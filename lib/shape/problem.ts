/** RFC 9457 problem details, as every error of the API is sent. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors: FieldError[];
};

/** `path` is the field in dots (`files.0`), empty for the whole body. */
export type FieldError = { path: string; message: string };
