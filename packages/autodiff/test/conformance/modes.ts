/** How the kernels or the gradients of a suite run are computed. */
export type Mode = "cpu" | "eager" | "lazy" | "host" | "gradients";
