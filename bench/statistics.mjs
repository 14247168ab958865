/** Medians, percentiles and spreads of samples. */

export function percentile(samples, share) {
  const sorted = Float64Array.from(samples).sort()
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]
}

export function median(samples) {
  const sorted = Float64Array.from(samples).sort()
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The ratios of samples taken next to each other, one per repetition. */
export function ratios(ours, theirs) {
  return ours.map((sample, repetition) => sample / theirs[repetition])
}

/** `median [min–max]`, each with three significant digits or whole, or with so many digits behind the point. */
export function spread(samples, digits) {
  const text = (value) => (digits === undefined ? figure(value) : value.toFixed(digits))
  if (samples.length === 1) return text(samples[0])
  return `${text(median(samples))} [${text(Math.min(...samples))}–${text(Math.max(...samples))}]`
}

export function figure(value) {
  const size = Math.abs(value)
  if (size >= 1_000)
    return Math.round(value)
      .toString()
      .replace(/\B(?=(\d{3})+$)/g, ' ')
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(2)
}
