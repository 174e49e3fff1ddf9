/** Color of the values that flow forward. */
export const VALUE = "#188038";
/** Color of the gradients that flow backward. */
export const GRADIENT = "#c5221f";
/** Color of lines and frames. */
export const LINE = "#5f6368";
/** Color of operations and names. */
export const TEXT = "#202124";
/** Color of types. */
export const FAINT = "#80868b";
