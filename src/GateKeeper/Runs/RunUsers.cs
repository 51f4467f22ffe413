namespace GateKeeper.Runs;

/// <summary>The user ids that the operator gives to runs, where the worker is root. The first owns the files that runs are shown.</summary>
internal readonly record struct UserRange(uint First, uint Last)
{
    /// <summary>Numbers that belong to no package, and to no range of subordinate ids but of a machine with very many accounts.</summary>
    public static UserRange Usual { get; } = new(964_321, 964_384);

    public static UserRange Of((uint First, uint Last)? said) => said is var (first, last) ? new(first, last) : Usual;

    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";
}

/// <summary>
/// Gives each run a user id that no other run of this machine has at that time, this worker's or another's: what the kernel counts by
/// user is then each run's own. A lock on a file per id tells the workers of a machine what is taken, and goes with the process.
/// </summary>
internal sealed class RunUsers(UserRange range)
{
    private const string Place = "/run/gatekeeper/users";
    private readonly Lock gate = new();
    private readonly HashSet<uint> taken = [];
    private uint turn;

    /// <summary>The lowest id that is free. Where all are taken one is shared, in turn: a run is held less tightly, and is no worse off than waiting for ever.</summary>
    public UserLease Take()
    {
        lock (gate)
        {
            for (var id = range.First; id <= range.Last; id++)
            {
                if (taken.Contains(id) || !TryLock(id, out var file))
                    continue;
                taken.Add(id);
                return new(id, () => Return(id, file));
            }

            return new(range.First + (turn++ % (range.Last - range.First + 1)), () => { });
        }
    }

    private void Return(uint id, FileStream? file)
    {
        lock (gate)
        {
            taken.Remove(id);
            file?.Dispose();
        }
    }

    /// <summary>False where another worker has it. Where no lock can be made the ids are this worker's as far as it knows.</summary>
    private static bool TryLock(uint id, out FileStream? file)
    {
        file = null;
        try
        {
            Directory.CreateDirectory(Place, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return true;
        }

        try
        {
            file = new(Path.Combine(Place, $"{id}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}

/// <summary>One run's user id, until the run is over.</summary>
internal sealed record UserLease(uint User, Action Return);
