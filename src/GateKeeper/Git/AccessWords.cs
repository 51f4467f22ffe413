namespace GateKeeper.Git;

/// <summary>What mends it when git says that an account may not read or write a repository.</summary>
internal static class AccessWords
{
    private static readonly string[] NotWritable = ["insufficient permission", "unable to create temporary", "unpacker error", "Permission denied", "unable to write"];

    /// <param name="url">The repository.</param>
    /// <param name="said">What git and the programs that it called said.</param>
    /// <returns>Null where that says nothing of an account's rights.</returns>
    public static string? Cure(string url, string said)
    {
        return Says("Host key verification failed") ? "compare the server's host key with what its operator tells you, and add it to ~/.ssh/known_hosts of the worker's account: ssh-keyscan HOST >> ~/.ssh/known_hosts"
            : Says("Permission denied (") ? "the server knows no key of the worker's account: make one without a passphrase (ssh-keygen -t ed25519), and add its public half to authorized_keys on the server"
            : Says("who is pushing") ? "let the server name the gate's account: in authorized_keys, command=\"env GATEKEEPER_ACCOUNT=gatekeeper git-shell -c \\\"$SSH_ORIGINAL_COMMAND\\\"\",restrict before the worker's key"
            : Says("dubious ownership") ? "the repository belongs to another account than the one that serves it: log in as its owner (git@HOST:PATH), or let that owner serve it"
            : Says("Read-only file system") ? $"the worker's unit must let it write there: ReadWritePaths={(Directory.Exists(url) ? url : "PATH")}"
            : Array.Exists(NotWritable, Says) ? Directory.Exists(url)
                ? $"the account {Environment.UserName} may not write {url}: reach it over ssh as the account that owns it (docs/operating.md, \"An account for the worker\"), or run the worker as that account"
                : "the account that serves the repository may not write it: on the server, let one account have all of it (chown -R), and log in as that account"
            : null;

        bool Says(string words) => said.Contains(words, StringComparison.Ordinal);
    }
}
