namespace GateKeeper.Reconcile;

/// <summary>Reads a secret from where the settings say it lies.</summary>
internal static class Secret
{
    public static string Read(string from)
    {
        var (kind, name) = (from[..from.IndexOf(':', StringComparison.Ordinal)], from[(from.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        try
        {
            var secret = kind switch
            {
                "file" => File.ReadAllText(name),
                "env" => Environment.GetEnvironmentVariable(name),
                _ => File.ReadAllText(Path.Combine(Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") ?? "/run/credentials", name)),
            };
            return secret?.Trim() is { Length: > 0 } found ? found : throw new InvalidOperationException($"the secret {from}: nothing is there");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"the secret {from} cannot be read: {error.Message}", error);
        }
    }
}
