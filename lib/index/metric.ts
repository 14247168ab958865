/** How two vectors are compared: `cosine` 1 − cos, `dot` −(a · b), `euclidean` the true L2 distance. */
export type Metric = 'cosine' | 'dot' | 'euclidean'
