namespace GateKeeper.Forges.GitHub;

/// <summary>In whose name GitHub is spoken to. The token that it gives is fresh for as long as a call may take.</summary>
internal abstract class Login : IDisposable
{
    /// <summary>Told of each new token, so that git has it too and no text shows it.</summary>
    public event Action<string>? Renewed;

    /// <summary>Whether it is an App, which can report by check runs; a token reports by statuses.</summary>
    public abstract bool IsApp { get; }

    /// <param name="send">Sends a request past the login, for those who have to ask for their tokens.</param>
    /// <param name="cancellation">Ends the call.</param>
    public abstract Task<string> TokenAsync(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellation);

    /// <summary>The server did not take this token. Answers whether another can be had.</summary>
    public abstract bool Refused(string token);

    public virtual void Dispose()
    {
    }

    protected void Renew(string token) => Renewed?.Invoke(token);
}

/// <summary>A token that the operator made by hand.</summary>
internal sealed class TokenLogin(string token) : Login
{
    private bool told;

    public override bool IsApp => false;

    public override Task<string> TokenAsync(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellation)
    {
        if (!told)
            Renew(token);
        told = true;
        return Task.FromResult(token);
    }

    public override bool Refused(string token) => false;
}
