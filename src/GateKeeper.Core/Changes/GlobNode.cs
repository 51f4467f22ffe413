using System.Runtime.InteropServices;

namespace GateKeeper.Core.Changes;

/// <summary>What one step further into some patterns is, and what comes after it. A node is reached where all down to it has matched.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct GlobNode
{
    /// <summary>Letters are a run; what parts braces leads on to the node where its ways meet.</summary>
    public GlobKind Kind { get; init; }

    public GlobClass? Class { get; init; }

    public int Parent { get; set; }

    public int Start { get; set; }

    public int Length { get; set; }

    public int Target { get; set; }

    /// <summary>The first node after this one that is no run, and the next one beside this; 0 for none.</summary>
    public int Special { get; set; }

    public int Sibling { get; set; }

    /// <summary>How many nodes follow, and how many of them are runs.</summary>
    public int Children { get; set; }

    public int Runs { get; set; }

    public int FirstRun { get; set; }

    /// <summary>The last pattern that ends here, and the last one that ends here or further down; -1 for none.</summary>
    public int Pattern { get; set; }

    public int Last { get; set; }
}
