using GateKeeper.Git;

namespace GateKeeper.Reconcile;

/// <summary>Writes into the log, now and then, how far a fetch is that takes long.</summary>
internal sealed partial class FetchNews
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
    private readonly string repository;
    private readonly TimeProvider time;
    private readonly ILogger<FetchNews> log;
    private long last;

    public FetchNews(string repository, Fetcher fetcher, TimeProvider time, ILogger<FetchNews> log)
    {
        (this.repository, this.time, this.log, last) = (repository, time, log, time.GetTimestamp());
        fetcher.Wire.Progressed += Heard;
    }

    private void Heard(string words)
    {
        if (time.GetElapsedTime(last) < Pause)
            return;
        last = time.GetTimestamp();
        LogFetching(repository, words);
    }

    [LoggerMessage(EventId = 207, Level = LogLevel.Information, Message = "{Repository} is being fetched: {Words}")]
    private partial void LogFetching(string repository, string words);
}
