export function generate(wat: string): Promise<string>
