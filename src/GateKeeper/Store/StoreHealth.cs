using Microsoft.Data.Sqlite;

namespace GateKeeper.Store;

/// <summary>
/// Whether the store takes what is written. On a full disk a small write may get through a moment after a larger one did not, so trouble is
/// over when nothing has failed for a while and there is room.
/// </summary>
internal sealed class StoreHealth(string path, TimeProvider time)
{
    private const long LeastRoom = 256 << 10;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);
    private readonly Lock gate = new();
    private (string Why, DateTimeOffset Since, DateTimeOffset Last)? trouble;

    public void Failed(SqliteException error)
    {
        if (error.SqliteErrorCode is not (ReadOnly or InputOutput or Full or CannotOpen))
            return;
        lock (gate)
            trouble = (error.Message, trouble?.Since ?? time.GetUtcNow(), time.GetUtcNow());
    }

    /// <summary>What people are told of it, though it cannot be stored; null while the store takes what is written.</summary>
    public AlarmRecord? Alarm
    {
        get
        {
            const string alarm = "store";
            lock (gate)
            {
                var room = Room();
                if (trouble is { } old && time.GetUtcNow() - old.Last > Quiet && room is null or > LeastRoom)
                    trouble = null;
                return trouble is not { } known ? null : new(
                    alarm, $"the store {path} cannot be written: {known.Why}{(room is { } bytes ? $" Its file system has {bytes >> 10:N0} KiB left." : "")} Free space there, or mend what keeps the worker from writing. What cannot be written down does not land; all of it goes on by itself when the store can be written again",
                    known.Since, null)
                { Lasts = "it goes by itself when the store can be written" };
            }
        }
    }

    private long? Room()
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
